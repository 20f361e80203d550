import FastCGI
import Foundation

/// `components-api --probe PATH`: asks the process that serves at the socket of the same settings.
///
/// It is for a container's probes: the image has no shell and no other client.
struct Probe {
    private let path: String

    /// A probe, if the arguments ask for one.
    init?(arguments: [String]) {
        guard arguments.count == 3, arguments[1] == "--probe", arguments[2].hasPrefix("/") else { return nil }
        path = arguments[2]
    }

    /// The exit code: 0 if the answer is 200.
    ///
    /// What is wrong is said on standard error, which the cluster shows.
    func run(environment: [String: String]) -> Int32 {
        let reason: String
        do {
            let listener = try Settings(environment: environment).listener
            let status = try FastCGIProbe(listener: listener).status(of: path)
            guard status != 200 else { return EXIT_SUCCESS }
            reason = "the answer to \(path) is \(status)"
        } catch {
            reason = "\(error)"
        }
        LogDestination.standardError.write(Array("components-api: \(reason)\n".utf8))
        return EXIT_FAILURE
    }
}

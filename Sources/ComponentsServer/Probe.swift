import FastCGI
import Foundation

/// `components-api --probe PATH`: sends a `GET` to the process that listens on the socket of the same settings.
///
/// It is for a container's probes: the image has no shell and no other client.
struct Probe {
    private let path: String

    /// A probe, or `nil` if the arguments are not `--probe PATH`.
    init?(arguments: [String]) {
        guard arguments.count == 3, arguments[1] == "--probe", arguments[2].hasPrefix("/") else { return nil }
        path = arguments[2]
    }

    /// Sends the request.
    ///
    /// - Returns: The exit code: 0 if the response is 200. Anything else is reported on standard error, which the cluster shows.
    func run(environment: [String: String]) -> Int32 {
        let reason: String
        do {
            let listener = try Settings(environment: environment).listener
            let status = try FastCGIProbe(listener: listener).status(of: path)
            guard status != 200 else { return EXIT_SUCCESS }
            reason = "the response to \(path) is \(status)"
        } catch {
            reason = "\(error)"
        }
        LogDestination.standardError.write(Array("components-api: \(reason)\n".utf8))
        return EXIT_FAILURE
    }
}

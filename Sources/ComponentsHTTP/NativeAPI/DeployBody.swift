import Components
import JSON

/// The options in the body of `POST …/deploy`: strict, because what is asked for and not understood must not be ignored.
struct DeployBody {
    /// What is asked for.
    private(set) var options: DeploymentOptions

    /// The options of a body; those that it does not name are as in `defaults`.
    ///
    /// - Throws: `RequestFault.invalidOptions` with a sentence for everything that is wrong.
    init(_ document: JSONValue?, defaults: DeploymentOptions) throws(RequestFault) {
        options = defaults
        guard let document else { return }
        guard let members = document.objectValue?.members else {
            throw .invalidOptions([
                "The body must be a mapping of options, such as {\"overlap\": \"reject\"}, or be left out: what is deployed is "
                    + "the config that is stored."
            ])
        }
        var faults: [String] = []
        for (name, value) in members {
            switch name {
            case "overlap":
                let overlaps = DeploymentOptions.Overlap.allCases.map(\.rawValue)
                if let overlap = value.stringValue.flatMap(DeploymentOptions.Overlap.init(rawValue:)) {
                    options.overlap = overlap
                } else {
                    let guess = value.stringValue?.nearest(of: overlaps).map { ": did you mean \($0)?" } ?? "."
                    faults.append("overlap must be one of \(overlaps.joined(separator: ", "))\(guess)")
                }
            case "description":
                if let text = value.stringValue, text.unicodeScalars.count <= DeploymentOptions.maximumDescriptionLength
                {
                    options.description = text.isEmpty ? nil : text
                } else {
                    faults.append(
                        "description must be a string of at most \(DeploymentOptions.maximumDescriptionLength) characters."
                    )
                }
            default:
                let known = Self.names.joined(separator: ", ")
                let guess = name.nearest(of: Self.names).map { " Did you mean \($0)?" } ?? ""
                faults.append(
                    "The option \(name.quotedForMessage) is not known: the options are \(known).\(guess) What is deployed is the "
                        + "config that is stored.")
            }
        }
        guard faults.isEmpty else { throw .invalidOptions(faults) }
    }

    /// The names of all options.
    static let names = ["overlap", "description"]
}

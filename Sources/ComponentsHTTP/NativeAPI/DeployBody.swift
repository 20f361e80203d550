import Components
import JSON

/// The options in the body of `POST …/deploy`: strict, because what is asked for and not understood must not be ignored.
struct DeployBody {
    /// What is asked for.
    private(set) var options: DeploymentOptions
    private var faults: [String] = []

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
        for (name, value) in members { read(name, value) }
        let selecting = members.map(\.key).filter(Self.selecting.contains)
        if selecting.count > 1 {
            faults.append("\(selecting.joined(separator: " and ")) stand beside each other: give only one of them.")
        }
        guard faults.isEmpty else { throw .invalidOptions(faults) }
    }

    private mutating func read(_ name: String, _ value: JSONValue) {
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
            if let text = value.stringValue, text.unicodeScalars.count <= DeploymentOptions.maximumDescriptionLength {
                options.description = text.isEmpty ? nil : text
            } else {
                faults.append(
                    "description must be a string of at most \(DeploymentOptions.maximumDescriptionLength) characters.")
            }
        case "ref":
            if let ref = value.stringValue {
                options.selection = .ref(ref)
            } else {
                faults.append("ref must be a branch, tag or commit: a string.")
            }
        case "refs":
            readRefs(value)
        case "from":
            if let id = value.stringValue {
                options.selection = .deployment(id)
            } else {
                faults.append("from must be the id of an earlier deployment: a string.")
            }
        default:
            let known = Self.names.joined(separator: ", ")
            let guess = name.nearest(of: Self.names).map { " Did you mean \($0)?" } ?? ""
            faults.append(
                "The option \(name.quotedForMessage) is not known: the options are \(known).\(guess) What is deployed is the "
                    + "config that is stored.")
        }
    }

    private mutating func readRefs(_ value: JSONValue) {
        guard let members = value.objectValue?.members else {
            faults.append("refs must be a mapping from names of components to refs, such as {\"web\": \"main\"}.")
            return
        }
        var refs: [String: String] = [:]
        for (name, value) in members {
            guard let ref = value.stringValue else {
                faults.append("refs.\(name.quotedForMessage) must be a branch, tag or commit: a string.")
                continue
            }
            refs[name] = ref
        }
        options.selection = refs.isEmpty ? .config : .refs(refs)
    }

    /// The names of all options.
    static let names = ["overlap", "description"] + selecting
    /// Those that say what is built.
    private static let selecting = ["ref", "refs", "from"]
}

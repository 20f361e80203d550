import Components
import JSON

/// The options in the body of `POST …/deploy`: strict, because what is asked for and not understood must not be ignored.
struct DeployBody {
    /// What is asked for.
    private(set) var options: DeploymentOptions
    private var faults: [OptionProblem] = []

    /// The options of a body; those that it does not name are as in `defaults`.
    ///
    /// - Parameter names: the options that are known.
    /// - Throws: `RequestFault.invalidOptions` with everything that is wrong.
    init(
        _ document: JSONValue?, defaults: DeploymentOptions, names: [String] = DeployBody.names
    ) throws(RequestFault) {
        options = defaults
        guard let document else { return }
        guard let members = document.objectValue?.members else {
            throw .invalidOptions([
                OptionProblem(
                    "The body must be a mapping of options, such as {\"overlap\": \"reject\"}, or be left out: what is deployed "
                        + "is the config that is stored.")
            ])
        }
        for (name, value) in members {
            if names.contains(name) {
                read(name, value)
            } else {
                let guess = name.nearest(of: names).map { " Did you mean \($0)?" } ?? ""
                report(
                    "The option \(name.quotedForMessage) is not known: the options are \(names.joined(separator: ", "))."
                        + "\(guess) What is deployed is the config that is stored.", at: name)
            }
        }
        if document["skip-unchanged"] == true, document["force-build"] == true {
            report(Self.contradiction, at: "skip-unchanged")
        }
        let selecting = members.map(\.key).filter(Self.selecting.contains)
        if selecting.count > 1 {
            report(
                "\(selecting.joined(separator: " and ")) stand beside each other: give only one of them.",
                at: selecting[1])
        }
        guard faults.isEmpty else { throw .invalidOptions(faults) }
    }

    private mutating func report(_ message: String, at path: String...) {
        faults.append(OptionProblem(message, at: path))
    }

    private mutating func read(_ name: String, _ value: JSONValue) {
        switch name {
        case "overlap":
            let overlaps = DeploymentOptions.Overlap.allCases.map(\.rawValue)
            if let overlap = value.stringValue.flatMap(DeploymentOptions.Overlap.init(rawValue:)) {
                options.overlap = overlap
            } else {
                let guess = value.stringValue?.nearest(of: overlaps).map { ": did you mean \($0)?" } ?? "."
                report("overlap must be one of \(overlaps.joined(separator: ", "))\(guess)", at: name)
            }
        case "description":
            if let text = value.stringValue, text.unicodeScalars.count <= DeploymentOptions.maximumDescriptionLength {
                options.description = text.isEmpty ? nil : text
            } else {
                report(
                    "description must be a string of at most \(DeploymentOptions.maximumDescriptionLength) characters.",
                    at: name)
            }
        case "skip-unchanged":
            read(value, name) { $0.skipUnchanged = $1 }
        case "force-build":
            read(value, name) { $0.forceBuild = $1 }
        case "ref":
            if let ref = value.stringValue {
                options.selection = .ref(ref)
            } else {
                report("ref must be a branch, tag or commit: a string.", at: name)
            }
        case "refs":
            readRefs(value)
        case "from":
            if let id = value.stringValue {
                options.selection = .deployment(id)
            } else {
                report("from must be the id of an earlier deployment: a string.", at: name)
            }
        case "components":
            readComponents(value)
        default:
            break
        }
    }

    private mutating func read(_ value: JSONValue, _ name: String, _ set: (inout DeploymentOptions, Bool) -> Void) {
        guard let flag = value.boolValue else {
            report("\(name) must be true or false.", at: name)
            return
        }
        set(&options, flag)
    }

    private mutating func readRefs(_ value: JSONValue) {
        guard let members = value.objectValue?.members else {
            report("refs must be a mapping from names of components to refs, such as {\"web\": \"main\"}.", at: "refs")
            return
        }
        var refs: [String: String] = [:]
        for (name, value) in members {
            guard let ref = value.stringValue else {
                report("refs.\(name.quotedForMessage) must be a branch, tag or commit: a string.", at: "refs", name)
                continue
            }
            refs[name] = ref
        }
        options.selection = refs.isEmpty ? .config : .refs(refs)
    }

    private mutating func readComponents(_ value: JSONValue) {
        let limit = ConfigGrammar.maximumComponents
        guard let elements = value.arrayValue, (1...limit).contains(elements.count) else {
            report(
                "components must be a list of 1 to \(limit) names of components, such as [\"web\"]; leave it out to deploy all.",
                at: "components")
            return
        }
        var names: Set<String> = []
        for (index, element) in elements.enumerated() {
            if let name = element.stringValue {
                guard !names.insert(name).inserted else { continue }
                report("components names \(name.quotedForMessage) twice: name it once.", at: "components", "\(index)")
            } else {
                report("components[\(index)] must be the name of a component: a string.", at: "components", "\(index)")
            }
        }
        options.components = names.sorted()
    }

    /// The names of all options.
    static let names = ["overlap", "description", "skip-unchanged", "force-build", "components"] + selecting
    /// The names of those for which the field's clients have words, and of those that are in both families.
    static let namesInTheField = ["overlap", "description", "skip-unchanged", "force-build"]
    /// What is wrong where both are asked for.
    static let contradiction =
        "skip-unchanged and force-build are both true: the one leaves out what has not changed, the other builds it."
    /// Those that say what is built.
    private static let selecting = ["ref", "refs", "from"]
}

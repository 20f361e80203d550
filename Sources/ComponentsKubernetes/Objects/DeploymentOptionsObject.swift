import Components
import JSON

/// `spec.options` of a `ToolDeployment`: what was asked for besides the config.
struct DeploymentOptionsObject {
    let options: DeploymentOptions

    init(_ options: DeploymentOptions) {
        self.options = options
    }

    /// - Throws: `ClusterFailure.unreadable` for an option that this version does not know.
    init(json: JSONValue?) throws(ClusterFailure) {
        var options = DeploymentOptions(
            description: json?["description"]?.stringValue, forceBuild: json?["forceBuild"] == true,
            forceRun: json?["forceRun"] == true, skipUnchanged: json?["skipUnchanged"] == true)
        if let text = json?["overlap"]?.stringValue {
            guard let overlap = DeploymentOptions.Overlap(rawValue: text) else {
                throw .unreadable(reason: "spec.options.overlap is not one that this version knows")
            }
            options.overlap = overlap
        }
        if let ref = json?["ref"]?.stringValue {
            options.selection = .ref(ref)
        } else if let refs = json?["refs"]?.objectValue {
            options.selection = .refs(
                Dictionary(refs.members.map { ($0.key, $0.value.stringValue ?? "") }) { first, _ in first })
        } else if let id = json?["from"]?.stringValue {
            options.selection = .deployment(id)
        }
        options.components = json?["components"]?.arrayValue?.compactMap(\.stringValue)
        self.init(options)
    }

    /// The object; `nil` if nothing is asked for.
    var json: JSONValue? {
        var json = JSONObject()
        if options.overlap != .allow { json["overlap"] = .string(options.overlap.rawValue) }
        json["description"] = options.description.map(JSONValue.string)
        if options.forceBuild { json["forceBuild"] = true }
        if options.skipUnchanged { json["skipUnchanged"] = true }
        if options.forceRun { json["forceRun"] = true }
        switch options.selection {
        case .config: break
        case .ref(let ref): json["ref"] = .string(ref)
        case .refs(let refs):
            json["refs"] = .object(JSONObject(refs.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        case .deployment(let id): json["from"] = .string(id)
        }
        json["components"] = options.components.map { .array($0.map(JSONValue.string)) }
        return json.members.isEmpty ? nil : .object(json)
    }
}

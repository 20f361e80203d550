import Foundation
import Yams

/// The merged contents of the files of `KUBECONFIG`.
///
/// Merged as kubectl does: of entries of the same kind and name the first file's stands, of `current-context` the first
/// that is not empty. A relative path is resolved against the folder of its file.
/// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
struct Kubeconfig {
    private var currentContext: String?
    private var clusters: [String: KubeconfigEntry] = [:]
    private var users: [String: KubeconfigEntry] = [:]
    private var contexts: [String: KubeconfigEntry] = [:]

    /// The configuration that these files give.
    ///
    /// A file that does not exist is passed over, as kubectl does, unless none exists.
    static func load(files: [String]) throws(KubernetesError) -> KubernetesConfiguration {
        let present = files.filter { FileManager.default.fileExists(atPath: $0) }
        guard !present.isEmpty else {
            throw KubernetesError(
                .configuration,
                files.count == 1
                    ? "the file \(files[0]) does not exist"
                    : "none of the files \(files.joined(separator: ", ")) exists")
        }
        var merged = Kubeconfig()
        for file in present { try merged.add(file) }
        return try merged.configuration()
    }

    private mutating func add(_ file: String) throws(KubernetesError) {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        let text = String(validating: try SmallFile.read(file), as: UTF8.self)
        guard let text else { throw KubernetesError(.configuration, "the file \(file) is not UTF-8") }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw KubernetesError(.configuration, "the file \(file) is not YAML\(Self.place(of: error))")
        }
        guard let mapping = root?.mapping else {
            if root == nil || root?.null != nil { return }
            throw KubernetesError(.configuration, "the file \(file) is no kubeconfig: not a mapping")
        }
        if currentContext == nil, let name = mapping.text("current-context"), !name.isEmpty { currentContext = name }
        try Self.merge(mapping, "clusters", "cluster", &clusters, file: file, folder: folder)
        try Self.merge(mapping, "users", "user", &users, file: file, folder: folder)
        try Self.merge(mapping, "contexts", "context", &contexts, file: file, folder: folder)
    }

    private static func merge(
        _ root: Node.Mapping, _ list: String, _ member: String, _ entries: inout [String: KubeconfigEntry],
        file: String, folder: String
    ) throws(KubernetesError) {
        guard let node = root[list], node.null == nil else { return }
        guard let sequence = node.sequence else {
            throw KubernetesError(.configuration, "in the file \(file), \(list) is not a list")
        }
        for element in sequence {
            guard let name = element.mapping?.text("name"), !name.isEmpty else {
                throw KubernetesError(.configuration, "in the file \(file), an entry of \(list) has no name")
            }
            // An entry without contents, such as a user who needs no credentials, is one.
            let values = element.mapping?[member]?.mapping ?? [:]
            if entries[name] == nil {
                entries[name] = KubeconfigEntry(what: "\(member) \"\(name)\"", values: values, folder: folder)
            }
        }
    }

    private func configuration() throws(KubernetesError) -> KubernetesConfiguration {
        guard let currentContext else {
            throw KubernetesError(.configuration, "no current-context is set: kubectl config use-context NAME sets it")
        }
        guard let context = contexts[currentContext] else {
            throw KubernetesError(.configuration, "the current-context \"\(currentContext)\" is not among the contexts")
        }
        guard let clusterName = context.text("cluster"), let cluster = clusters[clusterName] else {
            throw KubernetesError(.configuration, "\(context.what) names a cluster that does not exist")
        }
        var user: KubeconfigEntry?
        if let userName = context.text("user"), !userName.isEmpty {
            user = users[userName]
            guard user != nil else {
                throw KubernetesError(
                    .configuration, "\(context.what) names the user \"\(userName)\", which does not exist")
            }
        }
        return try KubeconfigReading(context: context, cluster: cluster, user: user).configuration()
    }

    /// Where and why, without the line itself, which may hold a secret.
    private static func place(of error: any Error) -> String {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            " (line \(mark.line), column \(mark.column): \(problem))"
        case YamlError.duplicatedKeysInMapping: " (the same key twice)"
        default: ""
        }
    }
}

/// One named entry, and the folder that its relative paths are resolved against.
struct KubeconfigEntry {
    let what: String
    let values: Node.Mapping
    let folder: String

    func text(_ key: String) -> String? {
        values.text(key).flatMap { $0.isEmpty ? nil : $0 }
    }

    func has(_ key: String) -> Bool {
        guard let node = values[key] else { return false }
        return node.null == nil && node.scalar?.string != ""
    }

    /// The path that stands there, absolute.
    func path(_ key: String) -> String? {
        text(key).map { $0.hasPrefix("/") ? $0 : URL(fileURLWithPath: folder + "/" + $0).standardized.path }
    }

    /// PEM from `KEY-data`, in Base64, or else from the file `KEY`: kubectl's precedence.
    func pem(_ key: String) throws(KubernetesError) -> PEMSource? {
        if let encoded = text(key + "-data") {
            guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters), !data.isEmpty else {
                throw KubernetesError(.configuration, "\(what): \(key)-data is not Base64")
            }
            return .bytes([UInt8](data))
        }
        return path(key).map(PEMSource.file)
    }
}

extension Node.Mapping {
    /// A scalar as it is written, whatever YAML takes it for; `nil` where it is `null` or none.
    fileprivate func text(_ key: String) -> String? {
        guard let node = self[key], node.null == nil else { return nil }
        return node.scalar?.string
    }
}

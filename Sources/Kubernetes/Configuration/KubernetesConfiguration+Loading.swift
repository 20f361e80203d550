public import Foundation

extension KubernetesConfiguration {
    /// Finds the configuration as kubectl does: the files of `KUBECONFIG`, else `~/.kube/config`, else the service
    /// account of the pod.
    ///
    /// What is there must work: only a source that is absent passes the question on to the next one, so that a slip in
    /// one file never leads to another cluster. `KUBECONFIG` names its files explicitly, and passes nothing on.
    ///
    /// - Throws: `KubernetesError` with the code `configuration`, whose message lists every source and why it did not
    ///   serve.
    public static func load(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KubernetesError) -> KubernetesConfiguration {
        try load(environment: environment, serviceAccountFolder: InClusterConfiguration.standardFolder)
    }

    static func load(
        environment: [String: String], serviceAccountFolder: String
    ) throws(KubernetesError) -> KubernetesConfiguration {
        var search = ConfigurationSearch()
        let named = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        if !named.isEmpty {
            do {
                return try Kubeconfig.load(files: named)
            } catch {
                search.note("KUBECONFIG", error)
                search.note("~/.kube/config", "not looked at, because KUBECONFIG is set")
                search.note("in-cluster", "not looked at, because KUBECONFIG is set")
                throw search.error
            }
        }
        search.note("KUBECONFIG", "not set")
        if let home = environment["HOME"], !home.isEmpty {
            let file = home + "/.kube/config"
            if FileManager.default.fileExists(atPath: file) {
                do {
                    return try Kubeconfig.load(files: [file])
                } catch {
                    search.note("~/.kube/config", error)
                    search.note("in-cluster", "not looked at, because \(file) is there")
                    throw search.error
                }
            }
            search.note("~/.kube/config", "the file \(file) does not exist")
        } else {
            search.note("~/.kube/config", "HOME is not set")
        }
        do {
            return try InClusterConfiguration.load(environment: environment, folder: serviceAccountFolder)
        } catch {
            search.note("in-cluster", error)
            throw search.error
        }
    }
}

/// What was tried in the search for a configuration.
private struct ConfigurationSearch {
    private var findings: [String] = []

    mutating func note(_ source: String, _ finding: String) { findings.append("\(source): \(finding)") }
    mutating func note(_ source: String, _ error: KubernetesError) { note(source, error.message) }

    var error: KubernetesError {
        KubernetesError(
            .configuration, "no configuration for a Kubernetes cluster. " + findings.joined(separator: "; "))
    }
}

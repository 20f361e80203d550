public import Foundation

extension KubernetesConfiguration {
    /// Finds the configuration as kubectl does: the files of `KUBECONFIG`, else `~/.kube/config`, else the service
    /// account of the pod.
    ///
    /// A source that exists must work: only an absent source leads to the next one, so that a mistake
    /// in one file never selects another cluster. `KUBECONFIG` names its files explicitly, so nothing else is tried.
    ///
    /// - Throws: `KubernetesError` with the code `configuration`, whose message lists every source and why it was
    ///   not used.
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
                search.note("~/.kube/config", "not read, because KUBECONFIG is set")
                search.note("in-cluster", "not read, because KUBECONFIG is set")
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
                    search.note("in-cluster", "not read, because \(file) is there")
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

/// The sources that were tried for a configuration, and why each was not used.
private struct ConfigurationSearch {
    private var findings: [String] = []

    mutating func note(_ source: String, _ finding: String) { findings.append("\(source): \(finding)") }
    mutating func note(_ source: String, _ error: KubernetesError) { note(source, error.message) }

    var error: KubernetesError {
        KubernetesError(
            .configuration, "no configuration for a Kubernetes cluster. " + findings.joined(separator: "; "))
    }
}

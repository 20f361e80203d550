import Foundation

/// The configuration of a pod: the address from its environment, token and authority from its files.
///
/// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
enum InClusterConfiguration {
    static let standardFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    static func load(environment: [String: String], folder: String) throws(KubernetesError) -> KubernetesConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw KubernetesError(
                .configuration,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, so this process does not run in a pod"
            )
        }
        let server = try ServerAddress(url: "https://" + ServerAddress.bracketed(host) + ":" + port)
        let tokenFile = folder + "/token"
        let authority = folder + "/ca.crt"
        let token = BearerToken(String(decoding: try SmallFile.read(tokenFile), as: UTF8.self))
        guard let token else {
            throw KubernetesError(.configuration, "the file \(tokenFile) holds no token")
        }
        // Read once here, so that a missing file is reported for this source.
        _ = try SmallFile.read(authority)
        let namespace = (try? SmallFile.read(folder + "/namespace"))
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        return KubernetesConfiguration(
            server: server, certificateAuthority: .file(authority), token: token, tokenFile: tokenFile,
            namespace: namespace)
    }
}

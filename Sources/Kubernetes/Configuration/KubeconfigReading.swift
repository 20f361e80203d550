/// Turns one context of a kubeconfig, its cluster and its user into a configuration.
struct KubeconfigReading {
    let context: KubeconfigEntry
    let cluster: KubeconfigEntry
    let user: KubeconfigEntry?

    func configuration() throws(KubernetesError) -> KubernetesConfiguration {
        guard let server = cluster.text("server") else {
            throw KubernetesError(.configuration, "\(cluster.what) has no server")
        }
        try refuse(cluster, "proxy-url", "proxies are not supported")
        let address: ServerAddress
        do {
            address = try ServerAddress(url: server)
        } catch {
            throw KubernetesError(.configuration, "\(cluster.what): \(error.message)")
        }
        var configuration = KubernetesConfiguration(
            server: address, certificateAuthority: try cluster.pem("certificate-authority"),
            tlsServerName: cluster.text("tls-server-name"),
            skipsTLSVerification: try truth(cluster, "insecure-skip-tls-verify"), namespace: context.text("namespace"))
        if let user { try read(user, into: &configuration) }
        do {
            try configuration.validate()
        } catch {
            throw KubernetesError(.configuration, "\(cluster.what): \(error.message)")
        }
        return configuration
    }

    private func read(
        _ user: KubeconfigEntry, into configuration: inout KubernetesConfiguration
    ) throws(KubernetesError) {
        // Credentials that are not supported are refused, not ignored: calls would be made under another identity.
        try refuse(
            user, "exec",
            "programs that make credentials are not supported; write a token or client certificate instead")
        try refuse(
            user, "auth-provider", "auth providers are not supported; write a token or client certificate instead")
        try refuse(user, "username", "passwords are not supported; Kubernetes has dropped them")
        try refuse(user, "password", "passwords are not supported; Kubernetes has dropped them")
        try refuse(user, "as", "impersonation is not supported")
        try refuse(user, "as-uid", "impersonation is not supported")
        switch (try user.pem("client-certificate"), try user.pem("client-key")) {
        case (let certificate?, let key?):
            configuration.clientCertificate = .init(certificate: certificate, key: key)
        case (nil, nil): break
        case (_?, nil):
            throw KubernetesError(.configuration, "\(user.what) has a client-certificate, and no client-key")
        case (nil, _?):
            throw KubernetesError(.configuration, "\(user.what) has a client-key, and no client-certificate")
        }
        if let text = user.text("token") {
            guard let token = BearerToken(text) else {
                throw KubernetesError(.configuration, "\(user.what): the token holds what cannot stand in a header")
            }
            configuration.token = token
        }
        configuration.tokenFile = user.path("tokenFile")
    }

    private func refuse(_ entry: KubeconfigEntry, _ key: String, _ sentence: String) throws(KubernetesError) {
        guard !entry.has(key) else {
            throw KubernetesError(.configuration, "\(entry.what) says \(key): \(sentence)")
        }
    }

    /// A boolean: `true` or `false`; any other word is an error.
    private func truth(_ entry: KubeconfigEntry, _ key: String) throws(KubernetesError) -> Bool {
        switch entry.text(key)?.lowercased() {
        case "true": true
        case "false", nil: false
        default: throw KubernetesError(.configuration, "\(entry.what): \(key) is neither true nor false")
        }
    }
}

/// Where the cluster is, how it is verified, and which credentials are used.
public struct KubernetesConfiguration: Sendable, Equatable {
    /// Where the API server is.
    public var server: ServerAddress
    /// The authorities that may sign the server's certificate; `nil` = the system's.
    public var certificateAuthority: PEMSource?
    /// The name that the server's certificate must have, when it is another than the address's host.
    public var tlsServerName: String?
    /// Whether the server's certificate is not verified: whoever answers gets the token.
    public var skipsTLSVerification: Bool
    /// The certificate and key that the client presents.
    public var clientCertificate: ClientCertificate?
    /// The token that every request carries; with a `tokenFile`, only until the file can be read.
    public var token: BearerToken?
    /// The file that holds the token; it is read again as the token is rotated.
    public var tokenFile: String?
    /// The namespace of the context: a default for callers.
    public var namespace: String?

    /// A certificate and its key.
    public struct ClientCertificate: Sendable, Equatable {
        /// The certificate, followed by those that lead to its authority.
        public var certificate: PEMSource
        /// The key.
        public var key: PEMSource

        /// That certificate, with that key.
        public init(certificate: PEMSource, key: PEMSource) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// A configuration without credentials, verified by the system's authorities, unless said otherwise.
    public init(
        server: ServerAddress, certificateAuthority: PEMSource? = nil, tlsServerName: String? = nil,
        skipsTLSVerification: Bool = false, clientCertificate: ClientCertificate? = nil, token: BearerToken? = nil,
        tokenFile: String? = nil, namespace: String? = nil
    ) {
        self.server = server
        self.certificateAuthority = certificateAuthority
        self.tlsServerName = tlsServerName
        self.skipsTLSVerification = skipsTLSVerification
        self.clientCertificate = clientCertificate
        self.token = token
        self.tokenFile = tokenFile
        self.namespace = namespace
    }

    /// Refuses what would send secrets in the clear, or contradicts itself.
    func validate() throws(KubernetesError) {
        if !server.isSecure, token != nil || tokenFile != nil || clientCertificate != nil {
            throw KubernetesError(
                .configuration, "the server's address is not https: credentials would be sent in the clear")
        }
        if skipsTLSVerification, certificateAuthority != nil {
            throw KubernetesError(
                .configuration,
                "insecure-skip-tls-verify contradicts the certificate authority that is given: one of them must go")
        }
    }
}

import Foundation
import Testing

@testable import Kubernetes

@Suite struct KubeconfigTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let whole = """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
        - name: here
          context: {cluster: c, user: u, namespace: tool-demo}
        - name: there
          context: {cluster: d, user: u}
        clusters:
        - name: c
          cluster: {server: "https://[::1]:6443/base/", certificate-authority: tls/../ca.crt, tls-server-name: api.example}
        - name: d
          cluster: {server: "https://there.example"}
        users:
        - name: u
          user: {tokenFile: token, token: 0123, client-certificate: /etc/crt, client-key: key.pem}
        """

    private func load(_ text: String) throws -> KubernetesConfiguration {
        try KubernetesConfiguration.load(environment: ["KUBECONFIG": try folder.write("config", text)])
    }

    private func complaint(_ text: String) -> String {
        do {
            _ = try load(text)
            return ""
        } catch {
            return (error as? KubernetesError)?.message ?? ""
        }
    }

    @Test func readsTheCurrentContext() throws {
        let configuration = try load(Self.whole)
        #expect(configuration.server.host == "::1")
        #expect(configuration.server.authority == "[::1]:6443")
        #expect(configuration.server.basePath == "/base")
        #expect(configuration.tlsServerName == "api.example")
        #expect(configuration.namespace == "tool-demo")
        #expect(!configuration.skipsTLSVerification)
        // Written without quotes it is a number to YAML, and a token all the same.
        #expect(configuration.token?.secret == "0123")
    }

    @Test func readsRelativePathsFromTheFolderOfTheFile() throws {
        let configuration = try load(Self.whole)
        let path = URL(fileURLWithPath: folder.path).standardized.path
        #expect(configuration.certificateAuthority == .file(path + "/ca.crt"))
        #expect(configuration.tokenFile == path + "/token")
        #expect(configuration.clientCertificate?.certificate == .file("/etc/crt"))
        #expect(configuration.clientCertificate?.key == .file(path + "/key.pem"))
    }

    @Test func readsDataRatherThanTheFileBesideIt() throws {
        let configuration = try load(
            Self.whole.replacing(
                "certificate-authority:", with: "certificate-authority-data: YWJj, certificate-authority:"))
        #expect(configuration.certificateAuthority == .bytes(Array("abc".utf8)))
    }

    @Test func takesEachEntryFromTheFirstFileThatHasIt() throws {
        let first = try folder.write(
            "one/config",
            """
            current-context: ""
            clusters: [{name: c, cluster: {server: "https://first.example", certificate-authority: ca.crt}}]
            users: null
            """)
        let second = try folder.write("two/config", Self.whole)
        let missing = folder.path + "/missing"
        let configuration = try KubernetesConfiguration.load(
            environment: ["KUBECONFIG": [first, missing, second].joined(separator: ":")])
        let path = URL(fileURLWithPath: folder.path).standardized.path
        #expect(configuration.server.host == "first.example")
        #expect(configuration.certificateAuthority == .file(path + "/one/ca.crt"))
        #expect(configuration.tokenFile == path + "/two/token")
    }

    @Test func skipsVerificationOnlyWhenItSaysSo() throws {
        let text = Self.whole.replacing(
            "certificate-authority: tls/../ca.crt", with: "insecure-skip-tls-verify: SWITCH")
        #expect(try load(text.replacing("SWITCH", with: "true")).skipsTLSVerification)
        #expect(try !load(text.replacing("SWITCH", with: "false")).skipsTLSVerification)
        #expect(complaint(text.replacing("SWITCH", with: "yes")).contains("insecure-skip-tls-verify"))
        #expect(
            complaint(Self.whole.replacing("tls-server-name: api.example", with: "insecure-skip-tls-verify: true"))
                .contains("contradicts"))
    }

    @Test(arguments: [
        ("exec", "exec: {command: aws}"), ("auth-provider", "auth-provider: {name: gcp}"), ("username", "username: u"),
        ("impersonation", "as: root"), ("client-key", "client-certificate: a.crt"), ("Base64", "client-key-data: '%'"),
        ("token", "token: \"a b\""),
    ])
    func refusesCredentialsThatItDoesNotUnderstand(_ word: String, _ user: String) {
        let text = Self.whole.replacing(
            "{tokenFile: token, token: 0123, client-certificate: /etc/crt, client-key: key.pem}", with: "{\(user)}")
        #expect(complaint(text).contains(word))
    }

    @Test(arguments: [
        ("proxies", "tls-server-name: api.example", "proxy-url: http://p"),
        ("server", "server: \"https://[::1]:6443/base/\", ", ""),
        ("URL", "https://[::1]:6443/base/", "cluster.example:6443"),
        ("URL", "https://[::1]:6443/base/", "https://user:word@cluster.example"),
        ("plain", "/base/", "/a%20b"),
        ("in the clear", "https://[::1]:6443/base/", "http://cluster.example"),
        ("current-context", "current-context: here", ""),
        ("current-context", "current-context: here", "current-context: nowhere"),
        ("names a cluster that does not exist", "cluster: c,", "cluster: x,"),
        ("names the user \"x\", which does not exist", "user: u,", "user: x,"),
        ("no name", "- name: c\n", "- label: c\n"),
        ("not a list", "users:\n", "users: {}\nothers:\n"),
        ("not YAML", "kind: Config", "kind: [Config"),
    ])
    func saysWhatIsWrongInASentence(_ words: String, _ old: String, _ new: String) {
        #expect(Self.whole.contains(old))
        #expect(complaint(Self.whole.replacing(old, with: new)).contains(words))
    }

    @Test func aSyntaxErrorIsReportedWithoutTheLine() {
        let message = complaint("users:\n- name: u\n  user: {token: top-secret\n")
        #expect(message.contains("not YAML (line "))
        #expect(!message.contains("top-secret"))
    }

    @Test func neitherTokensNorKeysArePrinted() throws {
        let text = Self.whole.replacing("client-key: key.pem", with: "client-key-data: dG9wLXNlY3JldA==")
        let configuration = try load(text)
        var dumped = ""
        dump(configuration, to: &dumped)
        // The name of the folder is random, and may hold what must not be printed.
        let path = URL(fileURLWithPath: folder.path).standardized.path
        for print in ["\(configuration)", String(reflecting: configuration), dumped].map({
            $0.replacing(path, with: "")
        }) {
            #expect(!print.contains("0123"))
            #expect(!print.contains("116"))
            #expect(!print.contains("top-secret"))
        }
    }
}

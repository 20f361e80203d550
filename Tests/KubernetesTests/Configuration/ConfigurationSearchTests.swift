import Foundation
import Testing

@testable import Kubernetes

@Suite struct ConfigurationSearchTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let minimal = """
        {current-context: x, contexts: [{name: x, context: {cluster: x}}],
         clusters: [{name: x, cluster: {server: "https://home.example"}}]}
        """
    private static let pod = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]

    private func load(_ environment: [String: String]) throws -> KubernetesConfiguration {
        try KubernetesConfiguration.load(environment: environment, serviceAccountFolder: folder.path + "/account")
    }

    private func complaint(_ environment: [String: String]) -> String {
        do {
            _ = try load(environment)
            return ""
        } catch {
            return (error as? KubernetesError)?.message ?? ""
        }
    }

    @Test func listsEverySourceAndWhyItDidNotServe() {
        let home = folder.path
        let message = complaint(["HOME": home])
        #expect(message.contains("KUBECONFIG: not set"))
        #expect(message.contains("~/.kube/config: the file \(home)/.kube/config does not exist"))
        #expect(message.contains("in-cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"))
    }

    @Test func looksIntoTheHomeFolderWithoutKUBECONFIG() throws {
        try folder.write(".kube/config", Self.minimal)
        #expect(try load(["HOME": folder.path, "KUBECONFIG": ""]).server.host == "home.example")
    }

    @Test func aNamedFileIsNeverPassedOver() throws {
        try folder.write(".kube/config", Self.minimal)
        let message = complaint(["HOME": folder.path, "KUBECONFIG": folder.path + "/missing"])
        #expect(message.contains("KUBECONFIG: the file \(folder.path)/missing does not exist"))
        #expect(message.contains("~/.kube/config: not read"))
        #expect(message.contains("in-cluster: not read"))
    }

    @Test func aBrokenFileLeadsToNoOtherCluster() throws {
        try folder.write(".kube/config", "clusters: 5")
        try writeAccount()
        let message = complaint(Self.pod.merging(["HOME": folder.path]) { $1 })
        #expect(message.contains("clusters is not a list"))
        #expect(message.contains("in-cluster: not read"))
    }

    private func writeAccount() throws {
        try folder.write("account/token", "pod-token\n")
        try folder.write("account/ca.crt", "PEM")
        try folder.write("account/namespace", "tool-demo\n")
    }

    @Test func findsThePodsServiceAccount() throws {
        try writeAccount()
        let configuration = try load(Self.pod)
        #expect(configuration.server.description == "https://[fd00::1]:443")
        #expect(configuration.certificateAuthority == .file(folder.path + "/account/ca.crt"))
        #expect(configuration.tokenFile == folder.path + "/account/token")
        #expect(configuration.token?.secret == "pod-token")
        #expect(configuration.namespace == "tool-demo")
    }

    @Test func aPodWithoutATokenSaysSo() throws {
        #expect(complaint(Self.pod).contains("account/token does not exist"))
        try folder.write("account/token", "\n")
        #expect(complaint(Self.pod).contains("account/token holds no token"))
    }
}

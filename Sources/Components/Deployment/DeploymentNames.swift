import Crypto
import Foundation

/// The names that deployments and builds get.
public enum DeploymentNames {
    /// `<tool>-deploy-<yyyymmdd-hhmmss>-<integer>`, in UTC.
    ///
    /// The integer is six digits of microseconds and then five random ones, so that ids of one second sort by time and
    /// two that were made in the same microsecond still differ. Valid as the name of a Kubernetes object for every tool.
    static func deployment(of tool: ToolName, at now: Date, random: UInt32) -> String {
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        let microseconds = now.microsecondsSince1970
        let second = Date(timeIntervalSince1970: Double(microseconds / 1_000_000))
        let stamp = second.formatted(style).replacing("T", with: "-").replacing("Z", with: "")
        let fraction = padded(UInt64(microseconds % 1_000_000), to: 6)
        return "\(tool)-deploy-\(stamp)-\(fraction)\(padded(UInt64(random % 100_000), to: 5))"
    }

    /// `<tool>-deploy-key-<32 hexadecimal digits of a SHA-256 over tool and key>`: the same for the same key.
    static func deployment(of tool: ToolName, key: IdempotencyKey) -> String {
        "\(tool)-deploy-key-\(digest("\(tool)/\(key.value)", bytes: 16))"
    }

    /// The longest id of a deployment, in characters: that of an object's name.
    public static let maximumLength = 253

    /// The ids that deployments get, of every tool, as a regular expression.
    public static let deploymentPattern =
        "^[a-z]([-a-z0-9]*[a-z0-9])?-deploy-([0-9]{8}-[0-9]{6}-[0-9]+|key-[0-9a-f]{32})$"

    /// Whether `id` can be the id of a deployment of that tool.
    static func isDeployment(_ id: String, of tool: ToolName) -> Bool {
        let prefix = "\(tool)-deploy-"
        guard id.utf8.count <= maximumLength, id.utf8.starts(with: prefix.utf8) else { return false }
        return DNSLabel.isLabel(id) && id.utf8.count > prefix.utf8.count
    }

    /// The longest part of a tool's name that leaves room, in 63 characters, for the rest of a build's name.
    static let maximumToolLength = 27

    /// `<tool>-buildpacks-pipelinerun-<12 hexadecimal digits of a SHA-256 over deployment, component and nonce>`.
    ///
    /// A function of its arguments, so that the same build cannot be created twice. At most 63 characters, because
    /// Tekton makes a label of it. Toolforge's build tools let a tool act on every run whose name begins with
    /// `<tool>-buildpacks-pipelinerun-`. A tool's name of more than 27 characters is cut, and the cut prefix ends with a
    /// `-`: no tool's name ends so, and no other tool may act on the run.
    ///
    /// - Parameter nonce: of the deployment's request, if it has one.
    public static func build(of component: String, deployment: DeploymentIdentity, nonce: String? = nil) -> String {
        var tool = deployment.tool.value
        if tool.utf8.count > maximumToolLength { tool = tool.prefix(maximumToolLength - 1) + "-" }
        // Neither of the first two can hold a '/', so no others make the same text.
        let text = "\(deployment.id)/\(component)" + (nonce.map { "/\($0)" } ?? "")
        return "\(tool)-buildpacks-pipelinerun-\(digest(text, bytes: 6))"
    }

    /// The first bytes of a text's SHA-256, in hexadecimal digits.
    private static func digest(_ text: String, bytes: Int) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(bytes).hexadecimal
    }

    private static func padded(_ number: UInt64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

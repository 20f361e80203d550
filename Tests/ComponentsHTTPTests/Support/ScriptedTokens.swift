import Components
import Foundation
import Synchronization

/// Deploy tokens that answer what they were told to, and remember what they were asked.
final class ScriptedTokens: DeployTokenOperations {
    /// What is accepted as the token of `demo`; everything else is refused.
    static let accepted = "848f4cf3-67f3-487e-b8e6-1df0b8820bad"
    static let issued = IssuedDeployToken(
        text: accepted, createdAt: Date(microsecondsSince1970: 1_795_332_791_014_828),
        expiresAt: Date(microsecondsSince1970: 1_826_868_791_014_828))

    private let error: DeployTokenError?
    private let issued: IssuedDeployToken
    private let refusal: DeployTokenRefusal
    private let recorded = Mutex<[String]>([])

    /// - Parameters:
    ///   - error: fails everything.
    ///   - refusal: of every token but the accepted one.
    init(
        error: DeployTokenError? = nil, issued: IssuedDeployToken = ScriptedTokens.issued,
        refusal: DeployTokenRefusal = .other
    ) {
        self.error = error
        self.issued = issued
        self.refusal = refusal
    }

    /// What was asked, as `check demo`.
    var calls: [String] { recorded.withLock { $0 } }

    private func answer(_ call: String, _ tool: ToolName) throws(DeployTokenError) -> IssuedDeployToken {
        recorded.withLock { $0.append("\(call) \(tool)") }
        if let error { throw error }
        return issued
    }

    func token(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken { try answer("show", tool) }
    func createToken(for tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        try answer("create", tool)
    }
    func refreshToken(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        try answer("refresh", tool)
    }
    func removeToken(of tool: ToolName) async throws(DeployTokenError) -> IssuedDeployToken {
        try answer("remove", tool)
    }
    func check(_ text: String, of tool: ToolName) async throws(DeployTokenError) -> DeployTokenRefusal? {
        _ = try answer("check", tool)
        return tool.value == "demo" && text == Self.accepted ? nil : refusal
    }
}

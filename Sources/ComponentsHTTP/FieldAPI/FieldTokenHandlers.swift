import Components
import HTTPTypes
import JSON

import struct Foundation.Date

/// What the endpoints of deploy tokens do: from the request to the operation and back.
struct FieldTokenHandlers: Sendable {
    let tokens: any DeployTokenOperations

    func showToken(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        response(try await tokens.token(of: tool))
    }

    func createToken(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        response(try await tokens.createToken(for: tool), info: ["Deploy token for \(tool) created successfully."])
    }

    func refreshToken(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        response(try await tokens.refreshToken(of: tool), info: ["Deploy token for \(tool) updated successfully."])
    }

    func removeToken(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        response(try await tokens.removeToken(of: tool), info: ["Deploy token for \(tool) deleted successfully."])
    }

    private func response(_ token: IssuedDeployToken, info: [String] = []) -> Response {
        var data: JSONObject = [:]
        data["token"] = token.text.map(JSONValue.string)
        data["creation_date"] = .string(Self.time(token.createdAt))
        return Response(Envelope(data: .object(data), info: info, warnings: [FieldTexts.betaWarning]))
    }

    /// RFC 3339 with microseconds, in UTC.
    private static func time(_ date: Date) -> String {
        let microseconds = date.microsecondsSince1970
        let fraction = String(microseconds % 1_000_000)
        let seconds = DeploymentView.time(Date(microsecondsSince1970: microseconds / 1_000_000 * 1_000_000))
        return seconds.replacing(" ", with: "T") + "."
            + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction + "Z"
    }
}

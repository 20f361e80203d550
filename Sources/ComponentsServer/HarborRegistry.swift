import Components
import Harbor
import Logging

/// Asks a Harbor registry.
struct HarborRegistry: ImageRegistry {
    let client: HarborClient

    func digest(of component: String, of tool: ToolName) async -> ImageDigest {
        do throws(HarborError) {
            let digest = try await client.digest(ofTag: "latest", in: "\(Self.project(of: tool))/\(component)")
            return digest.map(ImageDigest.digest) ?? .missing
        } catch {
            return .unknown(error.message)
        }
    }

    /// Without credentials nothing is made sure of: the administrators have chosen that.
    func prepare(for tool: ToolName) async -> String? {
        guard client.hasCredentials else { return nil }
        do throws(HarborError) {
            try await client.ensureProject(Self.project(of: tool))
            return nil
        } catch {
            return error.message
        }
    }

    /// The project that holds a tool's images, as on Toolforge.
    private static func project(of tool: ToolName) -> String { "tool-\(tool)" }
}

extension HarborRegistry {
    /// A registry with these settings.
    init(_ settings: HarborSettings, logger: Logger) {
        self.init(
            client: HarborClient(
                address: settings.address, credentials: settings.credentials, authorities: settings.authorities,
                logger: logger))
    }
}

import Components

/// The tool whose certificate the gateway verified.
///
/// It is made from the gateway's two parameters alone; no header field can reach it.
struct ClientIdentity: Equatable {
    /// The tool.
    let tool: ToolName

    /// The organisation in the subject of every tool's certificate.
    static let organization = "toolforge"
    /// The longest subject that is read, in bytes.
    static let maximumSubjectLength = 1_024

    /// Identifies the client.
    ///
    /// The certificate must be verified (`SSL_CLIENT_VERIFY` is `SUCCESS` and nothing else), and its subject must have
    /// exactly one CN and exactly one O, each alone in its RDN; other attributes are ignored. O must be `toolforge`, byte by
    /// byte, and CN the name of a tool.
    init(_ gateway: GatewayParameters) throws(IdentityFault) {
        guard let verify = gateway.clientVerify else { throw .gatewaySilent }
        guard verify.utf8.elementsEqual("SUCCESS".utf8) else { throw .notVerified }
        guard let subject = gateway.clientSubject, !subject.isEmpty else { throw .subject("it is empty") }
        guard subject.utf8.count <= Self.maximumSubjectLength else {
            throw .subject("it is longer than \(Self.maximumSubjectLength) bytes")
        }
        let name: DistinguishedName
        do throws(DistinguishedNameError) {
            name = try DistinguishedName(parsing: subject)
        } catch {
            throw .subject(error.description)
        }
        let organization = try name.soleValue(of: .organization)
        guard organization.elementsEqual(Self.organization.utf8) else {
            throw .subject("its O is not \(Self.organization)")
        }
        guard let common = String(validating: try name.soleValue(of: .commonName), as: UTF8.self),
            let tool = ToolName(common)
        else { throw .subject("its CN is not the name of a tool") }
        self.tool = tool
    }
}

extension DistinguishedName {
    /// The value of the one attribute of that type.
    fileprivate func soleValue(of type: AttributeType) throws(IdentityFault) -> [UInt8] {
        let holders = relativeNames.filter { $0.contains { $0.type == type } }
        guard let holder = holders.first, holders.count == 1, holder.filter({ $0.type == type }).count == 1 else {
            throw .subject("it must have exactly one \(type)")
        }
        guard holder.count == 1 else { throw .subject("its \(type) shares an RDN with other attributes") }
        // A value in hexadecimal DER is never the name of a tool or of the organisation.
        guard case .text(let bytes) = holder[0].value else { throw .subject("its \(type) is not text") }
        return bytes
    }
}

/// Why the client is not authenticated.
enum IdentityFault: Error, Equatable {
    /// The gateway sent no `SSL_CLIENT_VERIFY`: its configuration is incomplete.
    case gatewaySilent
    /// There is no certificate, or it was not verified.
    case notVerified
    /// The subject cannot be read, or is not that of a tool; the sentence says why, and does not repeat it.
    case subject(String)
}

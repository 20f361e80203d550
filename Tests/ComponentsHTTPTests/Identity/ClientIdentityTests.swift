import Components
import Foundation
import Testing

@testable import ComponentsHTTP

struct ClientIdentityTests {
    private func identity(_ subject: String?, verify: String? = "SUCCESS") throws(IdentityFault) -> String {
        try ClientIdentity(GatewayParameters(clientVerify: verify, clientSubject: subject)).tool.value
    }

    @Test(arguments: [
        "CN=demo,O=toolforge", "O=toolforge,CN=demo", "cn=demo,o=toolforge", "2.5.4.10=toolforge,2.5.4.3=demo",
        " CN = demo , O = toolforge", #"CN="demo",O="toolforge""#, #"CN=\64emo,O=toolforge"#,
        "OU=x,CN=demo,C=EU,O=toolforge", "CN=demo,O=toolforge,OU=a+L=b", "DC=org,DC=example,O=toolforge,CN=demo",
        "CN=demo,O=toolforge,1.2.3.4.5=#0C05",
    ])
    func subjectOfAToolIsThatTool(_ subject: String) throws {
        #expect(try identity(subject) == "demo")
    }

    @Test(arguments: [
        // Not exactly one CN and one O.
        "", "CN=demo", "O=toolforge", "CN=demo,CN=demo,O=toolforge", "CN=mallory,CN=demo,O=toolforge",
        "CN=demo,O=toolforge,O=toolforge", "CN=demo,O=toolforge,O=other", "CN=demo,O=toolforge,2.5.4.3=admin",
        "CN=demo,O=toolforge,cn=admin", "CN=demo,O=toolforge,OU=a+CN=admin", "CN=demo,O=toolforge,commonName=admin",
        // Not alone in its RDN.
        "CN=demo+OU=dev,O=toolforge", "CN=demo,O=toolforge+OU=dev", "CN=demo+O=toolforge",
        "CN=demo+CN=demo,O=toolforge",
        // Not the organisation, not a tool.
        "CN=demo,O=Toolforge", "CN=demo,O=toolforge2", #"CN=demo,O=\ toolforge"#, #"CN=demo,O=toolforge\00"#,
        "CN=demo,O=", "CN=,O=toolforge", "CN=Demo,O=toolforge", "CN=demo-,O=toolforge", "CN=1demo,O=toolforge",
        #"CN=demo\00,O=toolforge"#, #"CN=demo\0A,O=toolforge"#, #"CN=demo\,CN=admin,O=toolforge"#,
        #"CN=demo\ ,O=toolforge"#, #"CN=\FF,O=toolforge"#, #"CN=d\C3\A9mo,O=toolforge"#, "CN=de\u{301}mo,O=toolforge",
        "CN=#0C0464656D6F,O=toolforge", "CN=demo,O=#0C09746F6F6C666F726765",
        "CN=\(String(repeating: "a", count: 59)),O=toolforge",
        // Not the form that the gateway must send.
        "/O=toolforge/CN=demo", #"/O=x\/CN=admin/CN=demo"#, "CN=demo,O=toolforge,", "demo", "subject=CN=demo,",
    ])
    func anyOtherSubjectIsNobody(_ subject: String) {
        #expect(throws: IdentityFault.self) { try identity(subject) }
    }

    /// Swift takes two strings that only look the same for equal; who somebody is goes by the bytes.
    @Test func lookingTheSameIsNotBeingTheSame() throws {
        var pairs = 0
        for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".unicodeScalars {
            for mark in "\u{300}\u{301}\u{302}\u{303}\u{304}\u{307}\u{308}\u{30C}\u{327}".unicodeScalars {
                let decomposed = String(String.UnicodeScalarView([letter, mark]))
                let composed = decomposed.precomposedStringWithCanonicalMapping
                guard composed.unicodeScalars.count == 1 else { continue }
                pairs += 1
                #expect(composed == decomposed)
                for name in [composed, decomposed] {
                    #expect(ToolName("d\(name)mo") == nil)
                    #expect(throws: IdentityFault.self) { try identity("CN=d\(name)mo,O=toolforge") }
                    #expect(throws: IdentityFault.self) { try identity("CN=demo,O=toolf\(name)rge") }
                }
            }
        }
        #expect(pairs >= 100)
    }

    @Test func subjectHasAtMostOneKibibyte() throws {
        let subject = "CN=demo,O=toolforge,OU="
        let room = ClientIdentity.maximumSubjectLength - subject.utf8.count
        #expect(try identity(subject + String(repeating: "x", count: room)) == "demo")
        #expect(throws: IdentityFault.self) { try identity(subject + String(repeating: "x", count: room + 1)) }
    }

    @Test(arguments: ["", "NONE", "FAILED:self-signed certificate", "success", "SUCCESS ", "SUCCESS\0", "SUCCESSFUL"])
    func onlySuccessIsVerified(_ verify: String) {
        #expect(throws: IdentityFault.notVerified) { try identity("CN=demo,O=toolforge", verify: verify) }
    }

    @Test func missingParametersAreNobody() {
        #expect(throws: IdentityFault.gatewaySilent) { try identity("CN=demo,O=toolforge", verify: nil) }
        #expect(throws: IdentityFault.self) { try identity(nil) }
    }

    @Test func faultsDoNotRepeatTheSubject() {
        for subject in ["CN=secret1,O=secret2", "CN=secret1", "/secret1", "CN=secret1\\x,O=secret2"] {
            do throws(IdentityFault) {
                _ = try identity(subject)
                Issue.record("\(subject) was taken")
            } catch {
                #expect(!ErrorResponse(.unidentified(error)).messages.joined().contains("secret"))
            }
        }
    }
}

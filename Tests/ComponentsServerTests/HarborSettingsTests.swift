import Foundation
import Harbor
import Testing

@testable import ComponentsServer

/// Which image registry is asked, and as whom.
struct HarborSettingsTests {
    private func file(_ text: String) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    @Test func whatIsNotSetIsNotAsked() throws {
        for environment in [[:], ["HARBOR_URL": "", "HARBOR_CREDENTIALS_FILE": "", "SKIP_UNCHANGED": ""]] {
            let settings = try Settings(environment: environment)
            #expect(settings.harbor == nil)
            #expect(!settings.skipsUnchanged)
        }
    }

    @Test func everyVariableIsRead() throws {
        let path = try file("robot$deploy:pass:word\nand more\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings = try Settings(environment: [
            "HARBOR_URL": "https://registry.example.org:8443/", "HARBOR_CREDENTIALS_FILE": path, "HARBOR_CA_FILE": path,
            "SKIP_UNCHANGED": "on",
        ])
        let harbor = try #require(settings.harbor)
        #expect(harbor.address.url == "https://registry.example.org:8443")
        #expect(harbor.address.host == "registry.example.org")
        #expect(harbor.authorities == path)
        #expect(harbor.credentials != nil)
        #expect(settings.skipsUnchanged)
        // Nothing shows the password.
        #expect(!String(describing: harbor).contains("word"))
        #expect(!String(reflecting: harbor).contains("word"))
    }

    @Test(arguments: [
        ("HARBOR_URL", "registry.example.org"), ("HARBOR_URL", "https://registry.example.org/path"),
        ("HARBOR_URL", "https://name:password@registry.example.org"), ("HARBOR_URL", "ftp://registry.example.org"),
        ("HARBOR_URL", "https://registry.example.org?x=1"), ("HARBOR_CREDENTIALS_FILE", "/nonexistent"),
        ("HARBOR_CA_FILE", "/nonexistent"), ("SKIP_UNCHANGED", "yes"),
    ])
    func whatIsNotValidPreventsTheStart(_ name: String, _ value: String) {
        let error = #expect(throws: SettingsError.self) { try Settings(environment: [name: value]) }
        #expect(error?.name == name)
    }

    @Test(arguments: [
        ("HARBOR_URL", "https://name:correct-horse@registry.example.org"),
        ("HARBOR_CREDENTIALS_FILE", "name:correct-horse"),
    ])
    func whatMayBeAPasswordIsNotShown(_ name: String, _ value: String) {
        let error = #expect(throws: SettingsError.self) { try Settings(environment: [name: value]) }
        #expect(error.map { !"\($0)".contains("correct-horse") } == true)
    }

    @Test(arguments: ["", "\n", "name", ":password", "name:"])
    func aLineWithoutNameAndPasswordIsNotValid(_ text: String) throws {
        let path = try file(text)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = #expect(throws: SettingsError.self) {
            try Settings(environment: ["HARBOR_CREDENTIALS_FILE": path])
        }
        #expect(error?.name == "HARBOR_CREDENTIALS_FILE")
    }
}

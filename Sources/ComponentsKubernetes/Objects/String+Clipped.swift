extension String {
    /// The text, cut to 1,024 Unicode scalars: what the custom resource's schema has room for, and what a message to a
    /// user may hold of the cluster's words.
    var clipped: String {
        guard unicodeScalars.count > 1_024 else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(1_023))) + "…"
    }
}

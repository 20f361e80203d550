/// How a browser gets a client's certificate.
struct CertificateHelp {
    let certificate: DocumentationPage.Certificate

    /// The part.
    var html: HTML {
        """
        <details class="help">
        <summary>The client certificate: how the forms come to it</summary>
        <p>The forms send what stands in them with the certificate that the browser chose for this site. A browser asks \
        once, when it opens the first page of a site, and knows the certificates that were imported into it. Make a file \
        that it can import, give it a password, and delete it afterwards:</p>
        <pre>\(certificate.export)</pre>
        <p>Whoever has this file or this browser can act as the \(certificate.holder). To choose another certificate, restart the \
        browser.</p>
        </details>
        """
    }
}

namespace Watchword.McServices.Xml;

/// <summary>Names and algorithms of XML Signature and XML Encryption, of which this protection has one each.</summary>
internal static class Names
{
    public const string Xmlns = "http://www.w3.org/2000/xmlns/";
    public const string XmlPrefixed = "http://www.w3.org/XML/1998/namespace";

    public const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    public const string HmacSha256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
    public const string Sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    public const string Canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
    public const string ExclusiveCanonical = "http://www.w3.org/2001/10/xml-exc-c14n#";

    public const string Encryption = "http://www.w3.org/2001/04/xmlenc#";
    public const string EncryptedContent = "http://www.w3.org/2001/04/xmlenc#Content";
    public const string Aes128Gcm = "http://www.w3.org/2009/xmlenc11#aes128-gcm";

    /// <summary>TS 24.379 F.6.2.</summary>
    public const string SignedDocument = "urn:3gpp:ns:mcpttSignedDoc:1.0";
}

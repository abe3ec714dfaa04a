namespace Watchword.KeyManagement.Xml;

/// <summary>Namespaces and fixed values of the Annex D schema (TS 33.180 D.2, D.3).</summary>
internal static class AnnexDNames
{
    public const string Kms = "urn:3gpp:ns:mcsecKMSInterface:1.0";
    public const string RedirectResponse = "urn:3gpp:ns:mcsecKMSKRR:1.0";
    public const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    public const string Encryption = "http://www.w3.org/2001/04/xmlenc#";
    public const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    public const string RequestVersion = "1.1.0";
    public const string ResponseVersion = "1.0.0";
    public const string CertificateVersion = "1.1.0";
    public const string KeySetVersion = "1.1.0";
}

namespace Watchword.KeyManagement.Xml;

/// <summary>Namespaces and fixed values of the Annex D schema (TS 33.180 D.2, D.3).</summary>
internal static class AnnexDNames
{
    public const string Kms = "urn:3gpp:ns:mcsecKMSInterface:1.0";
    public const string RedirectResponse = "urn:3gpp:ns:mcsecKMSKRR:1.0";
    public const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    public const string Encryption = "http://www.w3.org/2001/04/xmlenc#";
    public const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>Extension elements of this project (docs/schemas/watchword-extensions.xsd), prefix <c>w</c>.</summary>
    public const string Extension = "urn:watchword:kms:1";

    public const string RequestVersion = "1.1.0";
    public const string ResponseVersion = "1.0.0";
    public const string CertificateVersion = "1.1.0";
    public const string KeySetVersion = "1.1.0";

    /// <summary>The namespace that a prefix stands for in names of elements within this project.</summary>
    public static string OfPrefix(string prefix) => prefix switch
    {
        "w" => Extension,
        "ds" => Signature,
        "xenc" => Encryption,
        _ => throw new ArgumentOutOfRangeException(nameof(prefix)),
    };
}

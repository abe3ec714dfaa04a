namespace Watchword.ResourceServers.Keys;

/// <summary>How a server is a KM client: one of its identities, as the operator wrote it (TS 33.180 5.3).</summary>
public sealed class EntityKeyOptions
{
    /// <summary>The URI that the server is keyed as: an MDSI, a PSI or a GMS URI, octet by octet as the IdM server has
    /// it.</summary>
    public string Uri { get; set; } = string.Empty;

    /// <summary>The issuer, octet by octet as the IdM server names itself.</summary>
    public string Idm { get; set; } = string.Empty;

    /// <summary>The <c>client_id</c> of the server there.</summary>
    public string ClientId { get; set; } = string.Empty;

    /// <summary>File with its private key, P-256, PEM or JWK, that only its owner can read.</summary>
    public string CredentialFile { get; set; } = string.Empty;

    /// <summary>The https URL of the KMS, without the path of TS 33.180 D.2.1.</summary>
    public string Kms { get; set; } = string.Empty;

    /// <summary>The KMS URI expected; empty to take that of the first initialisation.</summary>
    public string KmsUri { get; set; } = string.Empty;

    /// <summary>PEM file with the only CA certificates trusted for both; empty for those of the system.</summary>
    public string CaFile { get; set; } = string.Empty;

    /// <summary>Directory of the key store, of this server and this identity alone.</summary>
    public string StoreDirectory { get; set; } = string.Empty;

    /// <summary>File of 32 random octets that opens the store, that only its owner can read. It is made where there is none and
    /// no store.</summary>
    public string StoreKeyFile { get; set; } = string.Empty;

    /// <summary>True to bear with KMSs of other releases.</summary>
    public bool Lenient { get; set; }
}

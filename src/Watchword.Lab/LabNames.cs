using Watchword.Identity;
using Watchword.McServices.Info;

namespace Watchword.Lab;

/// <summary>A security domain of a KMS.</summary>
/// <param name="KmsUri">Its name, hashed into every UID.</param>
/// <param name="IdentityDomain">Whose identities it keys.</param>
/// <param name="Url">Where it is asked: the host of the URL chooses it.</param>
internal sealed record LabSecurityDomain(string KmsUri, string IdentityDomain, Func<LabPorts, string> Url);

/// <summary>What the parts and people of one domain are called. Names only: where they are is <see cref="LabSite"/>.</summary>
internal sealed record LabNames
{
    /// <summary>The client identifier of the MCX server.</summary>
    public const string McxEntity = "mcx-server";

    /// <summary>The client identifier of the group management server.</summary>
    public const string GmsEntity = "group-management-server";

    /// <summary>A word for it, in file names and configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The security domains of its KMS, the domain's own first.</summary>
    public required IReadOnlyList<LabSecurityDomain> SecurityDomains { get; init; }

    /// <summary>Makes the accounts, with new random passwords.</summary>
    public required Func<IReadOnlyDictionary<string, LabUser>> NewUsers { get; init; }

    /// <summary>Who has MC services here, and so a public user identity (IMPU) in the SIP core.</summary>
    public required IReadOnlyList<string> ServiceUsers { get; init; }

    /// <summary>The identity domain of its users and groups.</summary>
    public string IdentityDomain => SecurityDomains[0].IdentityDomain;

    /// <summary>The KMS URI of its own security domain.</summary>
    public string KmsUri => SecurityDomains[0].KmsUri;

    /// <summary>What other IdM servers know its IdM server by: <c>resource</c> of TS 33.180 B.7.2, and in <c>aud</c>.</summary>
    public string IdmResource => "https://idm." + IdentityDomain;

    /// <summary>What a token must be meant for at the admin API of the KMS.</summary>
    public string KmsAdminAudience => "https://admin." + KmsUri;

    /// <summary>The host of public user identities.</summary>
    public string ImsDomain => "ims." + IdentityDomain;

    /// <summary>The host of the MCX server's PSIs.</summary>
    public string McxHost => "mcx." + IdentityDomain;

    /// <summary>The GMS URI, under which GMKs are signed.</summary>
    public string GmsUri => "sip:gms@" + IdentityDomain;

    /// <summary>The PSI at which configuration documents are subscribed to.</summary>
    public string CmsUri => "sip:cms@" + IdentityDomain;

    /// <summary>The MDSI, to which CSKs are encrypted.</summary>
    public string McxDomainUri => "sip:mcx-server@" + IdentityDomain;

    /// <summary>Who writes configuration documents.</summary>
    public string ProvisioningUri => "sip:provisioning@" + IdentityDomain;

    /// <summary>Network entities: name and URI. Their client identifier is their name.</summary>
    public IReadOnlyDictionary<string, string> Entities => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [McxEntity] = McxDomainUri,
        [GmsEntity] = GmsUri,
    };

    /// <summary>What a token must be meant for at each kind of resource server. Names, so that the lab's ports may change.</summary>
    public string AudienceOf(McResource resource) => resource switch
    {
        McResource.KeyManagement => "https://" + KmsUri,
        McResource.Service => "https://mcx." + IdentityDomain,
        McResource.ConfigurationManagement => "https://cms." + IdentityDomain,
        McResource.GroupManagement => "https://gms." + IdentityDomain,
        _ => throw new ArgumentOutOfRangeException(nameof(resource)),
    };

    /// <summary>The public user identity (IMPU) of one of its users.</summary>
    public string PublicIdentityOf(string user) => $"sip:{user}@{ImsDomain}";

    /// <summary>The PSI of the participating function of a service.</summary>
    public string ServerUri(McServiceNames service) => $"sip:{service.Prefix}@{McxHost}";
}

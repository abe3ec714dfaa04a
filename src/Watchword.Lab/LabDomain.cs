using System.Security.Cryptography;
using Watchword.Identity;
using Watchword.Idm.Server;

namespace Watchword.Lab;

/// <summary>The people and machines of the lab's domain.</summary>
internal static class LabDomain
{
    /// <summary>Identity domain of every URI in the lab.</summary>
    public const string IdentityDomain = "lab.example";

    /// <summary>Names the security domain.</summary>
    public const string KmsUri = "kms.lab.example";

    /// <summary>Another security domain in the same KMS, with secrets and a URL of its own.</summary>
    public const string PartnerKmsUri = "kms.partner.example";

    /// <summary>Identity domain of its users.</summary>
    public const string PartnerIdentityDomain = "partner.example";

    /// <summary>All three services, each with an identity of its own.</summary>
    public const string Dispatcher = "dispatcher";

    /// <summary>MCPTT only.</summary>
    public const string Medic = "medic";

    /// <summary>One identity for MCPTT and MCData; leaves in the middle of the walk.</summary>
    public const string Leaver = "leaver";

    /// <summary>MCPTT only, on a device with a transport key.</summary>
    public const string Pilot = "pilot";

    /// <summary>MCPTT only, in the other security domain.</summary>
    public const string Courier = "courier";

    /// <summary>Administrator of the IdM server, without any MC service.</summary>
    public const string Administrator = "admin";

    /// <summary>Crypto officer of the KMS.</summary>
    public const string Officer = "officer";

    /// <summary>Another crypto officer: what one imports the other approves.</summary>
    public const string SecondOfficer = "officer-2";

    /// <summary>User administrator of the KMS: clients and their transport keys.</summary>
    public const string UserAdministrator = "user-admin";

    /// <summary>Auditor of the KMS.</summary>
    public const string Auditor = "auditor";

    /// <summary>What a token must be meant for at the admin API of the KMS.</summary>
    public const string KmsAdminAudience = "https://admin." + KmsUri;

    /// <summary>The client of the command line, which initialisation registers.</summary>
    public const string ClientId = IdmInitialization.CommandLineClientId;

    /// <summary>Its redirect URI; the port is free.</summary>
    public const string RedirectUri = IdmInitialization.CommandLineRedirectUri;

    /// <summary>Who has MC services here, and so a public user identity in the SIP core.</summary>
    public static IReadOnlyList<string> ServiceUsers { get; } = [Dispatcher, Medic, Leaver, Pilot];

    private const int PasswordOctets = 15;

    /// <summary>What a token must be meant for at each kind of resource server. Names, so that the lab's ports may change.</summary>
    public static string AudienceOf(McResource resource) => resource switch
    {
        McResource.KeyManagement => "https://" + KmsUri,
        McResource.Service => "https://mcx." + IdentityDomain,
        McResource.ConfigurationManagement => "https://cms." + IdentityDomain,
        McResource.GroupManagement => "https://gms." + IdentityDomain,
        _ => throw new ArgumentOutOfRangeException(nameof(resource)),
    };

    /// <summary>Network entities: name and URI. Their client identifier is their name.</summary>
    public static IReadOnlyDictionary<string, string> Entities { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["mcx-server"] = "sip:mcx-server@" + IdentityDomain,
        ["group-management-server"] = "sip:gms@" + IdentityDomain,
    };

    /// <summary>The accounts with new random passwords.</summary>
    public static IReadOnlyDictionary<string, LabUser> NewUsers() => new Dictionary<string, LabUser>(StringComparer.Ordinal)
    {
        [Dispatcher] = new(NewPassword(), "sip:dispatcher.ptt@lab.example", "sip:dispatcher.video@lab.example", "sip:dispatcher.data@lab.example"),
        [Medic] = new(NewPassword(), "sip:medic@lab.example", null, null),
        [Leaver] = new(NewPassword(), "sip:leaver@lab.example", null, "sip:leaver@lab.example"),
        [Pilot] = new(NewPassword(), "sip:pilot@lab.example", null, null),
        [Courier] = new(NewPassword(), "sip:courier@partner.example", null, null),
        [Administrator] = new(NewPassword(), null, null, null),
        [Officer] = NewOfficial(KmsRoleScopes.CryptoOfficer),
        [SecondOfficer] = NewOfficial(KmsRoleScopes.CryptoOfficer),
        [UserAdministrator] = NewOfficial(KmsRoleScopes.UserAdministrator),
        [Auditor] = NewOfficial(KmsRoleScopes.Auditor),
    };

    private static LabUser NewOfficial(string scope) => new(NewPassword(), null, null, null, KmsRoleScopes.RoleOf(scope));

    private static string NewPassword() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordOctets)).Replace('+', '-').Replace('/', '_');
}

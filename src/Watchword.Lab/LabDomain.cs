using System.Security.Cryptography;
using Watchword.Identity;
using Watchword.Idm.Server;

namespace Watchword.Lab;

/// <summary>The two domains of the lab, and the people in them.</summary>
internal static class LabDomain
{
    /// <summary>Identity domain of the home domain.</summary>
    public const string IdentityDomain = "lab.example";

    /// <summary>Names its security domain.</summary>
    public const string KmsUri = "kms.lab.example";

    /// <summary>Another security domain in the same KMS, with secrets and a URL of its own.</summary>
    public const string PartnerKmsUri = "kms.partner.example";

    /// <summary>Identity domain of its users.</summary>
    public const string PartnerIdentityDomain = "partner.example";

    /// <summary>Identity domain of the other complete domain, which has servers of its own of every kind.</summary>
    public const string AlliedIdentityDomain = "allied.example";

    /// <summary>Names its security domain.</summary>
    public const string AlliedKmsUri = "kms." + AlliedIdentityDomain;

    /// <summary>MCPTT only, in the other complete domain.</summary>
    public const string Ranger = "ranger";

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

    /// <summary>The client of the command line, which initialisation registers.</summary>
    public const string ClientId = IdmInitialization.CommandLineClientId;

    /// <summary>Its redirect URI; the port is free.</summary>
    public const string RedirectUri = IdmInitialization.CommandLineRedirectUri;

    private const int PasswordOctets = 15;

    /// <summary>The domain that the lab is about.</summary>
    public static LabNames Home { get; } = new()
    {
        Name = "home",
        SecurityDomains =
        [
            new(KmsUri, IdentityDomain, ports => ports.KmsUrl),
            new(PartnerKmsUri, PartnerIdentityDomain, ports => ports.PartnerKmsUrl),
        ],
        NewUsers = NewUsers,
        ServiceUsers = [Dispatcher, Medic, Leaver, Pilot],
    };

    /// <summary>The domain whose guests users of the first are.</summary>
    public static LabNames Allied { get; } = new()
    {
        Name = "allied",
        SecurityDomains = [new(AlliedKmsUri, AlliedIdentityDomain, ports => ports.KmsUrl)],
        NewUsers = NewAlliedUsers,
        ServiceUsers = [Ranger],
    };

    /// <summary>What a token must be meant for at each kind of resource server of the home domain.</summary>
    public static string AudienceOf(McResource resource) => Home.AudienceOf(resource);

    private static Dictionary<string, LabUser> NewUsers() => new(StringComparer.Ordinal)
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

    private static Dictionary<string, LabUser> NewAlliedUsers() => new(StringComparer.Ordinal)
    {
        [Ranger] = new(NewPassword(), "sip:ranger@" + AlliedIdentityDomain, null, null),
        [Administrator] = new(NewPassword(), null, null, null),
    };

    private static LabUser NewOfficial(string scope) => new(NewPassword(), null, null, null, KmsRoleScopes.RoleOf(scope));

    private static string NewPassword() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(PasswordOctets)).Replace('+', '-').Replace('/', '_');
}

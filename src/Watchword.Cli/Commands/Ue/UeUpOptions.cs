using System.CommandLine;
using Watchword.Cli.Commands.Login;
using Watchword.Cli.Profiles;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>The options of <c>watchword ue up</c>. Those that name servers and identities are kept: the next time needs none.</summary>
internal sealed class UeUpOptions
{
    private const int MaxIndex = 255;

    private readonly Option<string?> configRoot = new("--config-root")
    {
        Description = "https XCAP root of the configuration management server; kept",
        HelpName = "URL",
    };

    private readonly Option<string?> ue = new("--ue")
    {
        Description = "UE ID, in whose directory the initial configuration is; kept",
        HelpName = "URN",
    };

    private readonly Option<string?> configServer = new("--config-server")
    {
        Description = "URI (PSI) at which configuration documents are subscribed to; kept",
        HelpName = "URI",
    };

    private readonly Option<string?> groupRoot = new("--group-root")
    {
        Description = "https XCAP root of the group management server (default: that of the initial configuration); kept",
        HelpName = "URL",
    };

    private readonly Option<string?> groupServer = new("--group-server")
    {
        Description = "URI of the group management server, whose group keys are taken and where groups are subscribed to "
            + "(default: GMS-URI of the initial configuration); kept",
        HelpName = "URI",
    };

    private readonly Option<string?> mdsi = new("--mdsi")
    {
        Description = "URI of the MC domain's security identifier, to which the CSK is encrypted (default: the server's URI); kept",
        HelpName = "URI",
    };

    private readonly Option<string?> kms = new("--kms")
    {
        Description = "https URL of the KMS (default: that of the profile, else of the initial configuration); kept",
        HelpName = "URL",
    };

    private readonly Option<string?> impu = new("--impu")
    {
        Description = "public user identity in the SIP core, a sip URI; kept",
        HelpName = "URI",
    };

    private readonly Option<bool> register = new("--register")
    {
        Description = "ask for the services in the REGISTER to the SIP core, and not by PUBLISH",
    };

    private readonly Option<bool> clear = new("--clear")
    {
        Description = "send token and settings in the clear, without a CSK",
    };

    private readonly Option<int?> profileIndex = new("--profile-index")
    {
        Description = "index of the user profile, 0 to 255 (default: that of the initial configuration); kept",
        HelpName = "N",
    };

    private readonly Option<uint?> expires = new("--expires")
    {
        Description = $"seconds that registration, authorisation and subscriptions are to last (default: {DefaultExpires})",
        HelpName = "S",
    };

    private readonly Option<string?> tlsCertificate = ConnectionOptions.TlsCertificate();
    private readonly Option<string?> tlsKey = ConnectionOptions.TlsKey();
    private readonly Option<string[]> groups = new("--group")
    {
        Description = "group to fetch besides those of the user profiles; may be given several times",
        HelpName = "URI",
    };

    private readonly UeSipOptions sip = new();

    /// <summary>How long everything lasts unless it is said.</summary>
    public const uint DefaultExpires = 3600;

    /// <summary>The log-in.</summary>
    public LogInProcedure LogIn { get; } = new();

    /// <summary>The HTTP proxy.</summary>
    public Option<string?> HttpProxy { get; } = ConnectionOptions.HttpProxy();

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[
            configRoot, ue, configServer, groupRoot, groupServer, mdsi, kms, HttpProxy, tlsCertificate, tlsKey])
        {
            command.Add(option);
        }

        sip.AddTo(command);
        foreach (Option option in (Option[])[
            impu, register, clear, profileIndex, expires, groups, LogIn.Idm, LogIn.Ca, LogIn.ClientId, LogIn.User,
            LogIn.PasswordStdin, LogIn.NewKeyFile])
        {
            command.Add(option);
        }
    }

    /// <summary>The groups that are wanted besides those of the profiles.</summary>
    public IReadOnlyList<string> Groups(Invocation invocation) => invocation.Get(groups) ?? [];

    /// <summary>Whether the REGISTER asks for the services.</summary>
    public bool ByRegister(Invocation invocation) => invocation.Get(register);

    /// <summary>Whether nothing is protected.</summary>
    public bool InClear(Invocation invocation) => invocation.Get(clear);

    /// <summary>How long everything is to last, in seconds.</summary>
    public uint Expires(Invocation invocation) => invocation.Get(expires) ?? DefaultExpires;

    /// <summary>The files of the UE's own certificate and key; both or none.</summary>
    public (string? File, string? Key) Certificate(Invocation invocation, ProfileSettings? known)
    {
        string? file = invocation.Get(tlsCertificate) ?? known?.TlsCertificate;
        string? key = invocation.Get(tlsKey) ?? known?.TlsKey;
        return (file is null) == (key is null)
            ? (file, key)
            : throw new CliException(ExitCode.Usage, "--tls-certificate and --tls-key go together");
    }

    /// <summary>What is kept, after what the options say.</summary>
    /// <exception cref="CliException">Something is missing or has no meaning.</exception>
    public UeState Apply(Invocation invocation, UeState kept)
    {
        string? proxy = invocation.Get(HttpProxy);
        UeState state = kept with
        {
            ConfigurationRoot = invocation.Get(configRoot) ?? kept.ConfigurationRoot ?? throw Missing("--config-root URL"),
            UeId = invocation.Get(ue) ?? kept.UeId ?? throw Missing("--ue URN"),
            ConfigurationServer = Uri(invocation.Get(configServer), "--config-server") ?? kept.ConfigurationServer,
            GroupRoot = invocation.Get(groupRoot) ?? kept.GroupRoot,
            GroupServer = invocation.Get(groupServer) ?? kept.GroupServer,
            McxDomain = invocation.Get(mdsi) ?? kept.McxDomain,
            PublicUserIdentity = Uri(invocation.Get(impu), "--impu") ?? kept.PublicUserIdentity,
            ProfileIndex = Index(invocation.Get(profileIndex)) ?? kept.ProfileIndex,
            Core = sip.Read(invocation, kept.Core),
            WithoutHttpProxy = proxy is null ? kept.WithoutHttpProxy : ConnectionOptions.HttpProxyOf(proxy) is null,
        };
        return state.Core is null || state.PublicUserIdentity is not null ? state : throw Missing("--impu URI");
    }

    /// <summary>Writes into the profile what belongs there.</summary>
    public void Remember(Invocation invocation, Session session)
    {
        (string? file, string? key) = Certificate(invocation, session.Settings);
        if (file is not null && (invocation.Get(tlsCertificate) ?? invocation.Get(tlsKey)) is not null)
        {
            session.RememberCertificate(file, key!);
        }

        if (invocation.Get(HttpProxy) is { } proxy)
        {
            session.RememberHttpProxy(proxy);
        }

        if (invocation.Get(kms) is { } url)
        {
            session.RememberKms(url);
        }
    }

    private static CliException Missing(string option) =>
        new(ExitCode.Usage, $"{option} is missing") { Hint = "the first `watchword ue up` of a profile needs it, later ones do not" };

    private static string? Uri(string? text, string option) => text is null || (SipUri.TryParse(text, out SipUri? uri) && uri.IsSip)
        ? text
        : throw new CliException(ExitCode.Usage, $"{option} takes a sip URI");

    private static int? Index(int? index) => index is null or (>= 0 and <= MaxIndex)
        ? index
        : throw new CliException(ExitCode.Usage, "--profile-index takes a number from 0 to 255");
}

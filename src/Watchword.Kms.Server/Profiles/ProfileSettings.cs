using System.IO.Enumeration;
using System.Net;
using System.Security.Claims;
using Watchword.Authorization;
using Watchword.Hosting;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Profiles;

/// <summary>The section <c>Kms:Profiles</c>, checked: rules by client and by network, and the profiles themselves.</summary>
internal sealed class ProfileSettings
{
    private const string Section = "Kms:Profiles";

    private readonly List<ProfileClientOptions> _clients;
    private readonly IReadOnlyList<(IPNetwork Network, ClientProfileKind Profile)> _networks;

    /// <summary>Checks the section; every fault is added to <paramref name="faults"/>.</summary>
    public ProfileSettings(ProfileOptions options, ConfigurationFaults faults)
    {
        CheckKind(options.Default, $"{Section}:Default", faults);
        Default = options.Default;
        _clients = options.Clients;
        for (int i = 0; i < options.Clients.Count; i++)
        {
            CheckClient(options.Clients[i], $"{Section}:Clients:{i}", faults);
        }

        List<(IPNetwork Network, ClientProfileKind Profile)> networks = [];
        for (int i = 0; i < options.Networks.Count; i++)
        {
            string name = $"{Section}:Networks:{i}";
            CheckNamed(options.Networks[i].Profile, $"{name}:Profile", faults);
            if (!IPNetwork.TryParse(options.Networks[i].Network, out IPNetwork network))
            {
                faults.Add($"{name}:Network", "is no network", "write its first address and the prefix length, 10.7.0.0/16");
            }
            else if (networks.Exists(before => before.Network.Equals(network)))
            {
                faults.Add($"{name}:Network", "stands there twice", "name each network once");
            }
            else
            {
                networks.Add((network, options.Networks[i].Profile ?? default));
            }
        }

        _networks = [.. networks.OrderByDescending(entry => entry.Network.PrefixLength)];
        CheckChanges(options.Streamwide, $"{Section}:Streamwide", faults);
        CheckChanges(options.Kapsch2018, $"{Section}:Kapsch2018", faults);
        Streamwide = ClientProfile.Streamwide.With(options.Streamwide);
        Kapsch2018 = ClientProfile.Kapsch2018.With(options.Kapsch2018);
    }

    /// <summary>The profile of clients of whom nothing else is said.</summary>
    public ClientProfileKind Default { get; }

    /// <summary>Streamwide's client.</summary>
    public ClientProfile Streamwide { get; }

    /// <summary>Kapsch's client.</summary>
    public ClientProfile Kapsch2018 { get; }

    /// <summary>The profile of that name.</summary>
    public ClientProfile Get(ClientProfileKind kind) => kind switch
    {
        ClientProfileKind.Strict => ClientProfile.Strict,
        ClientProfileKind.Streamwide => Streamwide,
        ClientProfileKind.Kapsch2018 => Kapsch2018,
        _ => ClientProfile.Auto,
    };

    /// <summary>What is said of a client by name; null for nothing.</summary>
    public ClientProfileKind? FindClient(ClaimsPrincipal user, string? clientId)
    {
        if (_clients.Count == 0)
        {
            return null;
        }

        string? tokenClientId = AccessTokenPrincipal.From(user)?.ClientId;
        IReadOnlyCollection<string> identities = RequesterMapping.IdentitiesOf(user);
        return _clients.FirstOrDefault(rule => Fits(rule.TokenClientId, tokenClientId)
            && Fits(rule.ClientId, clientId)
            && (rule.Identity is null || identities.Any(identity => Fits(rule.Identity, identity))))?.Profile;
    }

    /// <summary>What is said of the network that an address is in; null for nothing.</summary>
    public ClientProfileKind? FindNetwork(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach ((IPNetwork network, ClientProfileKind profile) in _networks)
        {
            if (network.Contains(plain))
            {
                return profile;
            }
        }

        return null;
    }

    internal static void CheckKind(ClientProfileKind kind, string name, ConfigurationFaults faults)
    {
        if (!Enum.IsDefined(kind))
        {
            faults.Add(name, "is no such profile", "write Auto, Strict, Streamwide or Kapsch2018");
        }
    }

    private static void CheckNamed(ClientProfileKind? kind, string name, ConfigurationFaults faults)
    {
        if (kind is null)
        {
            faults.Add(name, "is missing", "write Auto, Strict, Streamwide or Kapsch2018");
        }
        else
        {
            CheckKind(kind.Value, name, faults);
        }
    }

    /// <summary>True if there is no pattern, or the value matches it.</summary>
    internal static bool Fits(string? pattern, string? value, bool ignoreCase = false) =>
        pattern is null || (value is not null && FileSystemName.MatchesSimpleExpression(pattern, value, ignoreCase));

    private static void CheckClient(ProfileClientOptions rule, string name, ConfigurationFaults faults)
    {
        CheckNamed(rule.Profile, $"{name}:Profile", faults);
        if (rule is { TokenClientId: null, Identity: null, ClientId: null })
        {
            faults.Add(name, "has no condition", "write TokenClientId, Identity or ClientId; for all clients use Default");
        }

        if (rule.TokenClientId?.Length == 0 || rule.Identity?.Length == 0 || rule.ClientId?.Length == 0)
        {
            faults.Add(name, "has an empty condition, which nothing fits", "write a pattern, or leave it out");
        }
    }

    private static void CheckChanges(ProfileChanges changes, string name, ConfigurationFaults faults)
    {
        CheckDefined(changes.MediaType, $"{name}:MediaType", faults);
        CheckDefined(changes.KeySets, $"{name}:KeySets", faults);
        CheckDefined(changes.UserIdEncoding, $"{name}:UserIdEncoding", faults);
        CheckDefined(changes.WrapProfile, $"{name}:WrapProfile", faults);
        if (changes.MissingTokenStatus is not (null or StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden))
        {
            faults.Add($"{name}:MissingTokenStatus", "is neither 401 nor 403", "write one of them");
        }

        if (changes.Namespace is { } uri && !Uri.TryCreate(uri, UriKind.Absolute, out _))
        {
            faults.Add($"{name}:Namespace", "is no absolute URI", "write the namespace that the client reads");
        }

        for (int i = 0; i < changes.UserAgents.Count; i++)
        {
            if (changes.UserAgents[i].All(character => character is '*' or '?'))
            {
                faults.Add($"{name}:UserAgents:{i}", "fits every client", "write a pattern that tells it from others");
            }
        }
    }

    private static void CheckDefined<T>(T? value, string name, ConfigurationFaults faults)
        where T : struct, Enum
    {
        if (value is { } given && !Enum.IsDefined(given))
        {
            faults.Add(name, "has no such value", "write one of " + string.Join(", ", Enum.GetNames<T>()));
        }
    }
}

using System.CommandLine;
using Watchword.Mikey;

namespace Watchword.Cli.Commands.Mikey;

/// <summary>The options of <c>mikey create</c> that say what a message carries besides its key.</summary>
internal sealed class KeyMessageOptionSet
{
    private readonly Option<string[]> groups = new("--group")
    {
        Description = "MC group ID that a GMK, MKFC or MuSiK is for; may be repeated",
        HelpName = "URI",
    };
    private readonly Option<string?> text = new("--text") { Description = "a name of the key for people", HelpName = "TEXT" };
    private readonly Option<DateTimeOffset?> activation = TimeOption.Create(
        "--activation", "when the key is used from (default: now)");
    private readonly Option<DateTimeOffset?> expiry = TimeOption.Create("--expiry", "when the key ends (default: never)");
    private readonly Option<bool> revoked = new("--revoked")
    {
        Description = "say that the key is revoked: a key nobody shall use, for tests",
    };
    private readonly Option<bool> sessions = new("--sessions")
    {
        Description = "name the crypto sessions in a GENERIC-ID map (default: empty map)",
    };
    private readonly Option<bool> toSelf = new("--to-self")
    {
        Description = "add the key encapsulated to the maker's own UID (E.5)",
    };
    private readonly Option<bool> hide = new("--hide-identities") { Description = "write UIDs in place of both URIs (E.7)" };
    private readonly Option<bool> withoutPolicy = new("--without-policy")
    {
        Description = "leave out the SP payload; the default profile applies all the same",
    };

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [groups, text, activation, expiry, revoked, sessions, toSelf, hide, withoutPolicy];

    /// <summary>Whether any is given.</summary>
    public bool IsAnySet(Invocation invocation) => HasParameters(invocation)
        || invocation.Get(sessions) || invocation.Get(toSelf) || invocation.Get(hide) || invocation.Get(withoutPolicy);

    /// <summary>What they say for one distribution.</summary>
    /// <exception cref="CliException">They do not belong to it.</exception>
    public KeyMessageOptions Read(Invocation invocation, KeyDistribution distribution)
    {
        if (Groups(invocation).Length > 0 && !distribution.HasGroups)
        {
            throw new CliException(ExitCode.Usage, "--group belongs to a GMK, MKFC or MuSiK")
            {
                Clause = "TS 33.180 table E.6.1-1",
            };
        }

        return new KeyMessageOptions
        {
            Sessions = invocation.Get(sessions) ? distribution.Sessions : [],
            IncludeSecurityPolicy = !invocation.Get(withoutPolicy),
            SakkeToSelf = invocation.Get(toSelf),
            HideIdentities = invocation.Get(hide),
            Parameters = HasParameters(invocation) || distribution.HasGroups ? Parameters(invocation, distribution) : null,
        };
    }

    private KeyParameters Parameters(Invocation invocation, KeyDistribution distribution)
    {
        KeyParameters parameters = new(distribution.Purpose)
        {
            Status = invocation.Get(revoked) ? KeyStatus.None : KeyStatus.NotRevoked,
            Activation = invocation.Get(activation),
            Expiry = invocation.Get(expiry),
            Text = invocation.Get(text) ?? string.Empty,
            GroupIds = Groups(invocation),
        };
        try
        {
            _ = parameters.Encode();
            return parameters;
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, "these are no key parameters", exception)
            {
                Cause = "a group twice, a time before 1970, or text that is not printable or too long",
                Clause = "TS 33.180 table E.6.1-1",
            };
        }
    }

    private string[] Groups(Invocation invocation) => invocation.Get(groups) ?? [];

    private bool HasParameters(Invocation invocation) => Groups(invocation).Length > 0 || invocation.Get(text) is not null
        || invocation.Get(activation) is not null || invocation.Get(expiry) is not null || invocation.Get(revoked);
}

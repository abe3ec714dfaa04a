using System.CommandLine;
using Watchword.Cli.Profiles;
using Watchword.Cli.Secrets;
using Watchword.Client;

namespace Watchword.Cli.Commands.Login;

/// <summary>
/// The options of a log-in and the log-in itself: of <c>watchword login</c>, and of commands that log in where nobody is logged in.
/// </summary>
internal sealed class LogInProcedure
{
    /// <summary>The public client that an IdM server of this project registers for this command.</summary>
    public const string DefaultClientId = "watchword-cli";

    /// <summary>The issuer.</summary>
    public Option<string?> Idm { get; } = new("--idm")
    {
        Description = "issuer URL of the IdM server, https (default: that of the profile)",
        HelpName = "URL",
    };

    /// <summary>The CA.</summary>
    public Option<string?> Ca { get; } = ConnectionOptions.Ca();

    /// <summary>The client.</summary>
    public Option<string?> ClientId { get; } = new("--client-id")
    {
        Description = $"OAuth client id (default: that of the profile, or {DefaultClientId})",
        HelpName = "ID",
    };

    /// <summary>The user.</summary>
    public Option<string?> User { get; } = new("--user")
    {
        Description = "log in as this user by the log-in form, without a browser",
        HelpName = "NAME",
    };

    /// <summary>Where the password comes from.</summary>
    public Option<bool> PasswordStdin { get; } = new("--password-stdin")
    {
        Description = "with --user: read the password from the first line of standard input",
    };

    /// <summary>The key file of a new profile.</summary>
    public Option<string?> NewKeyFile { get; } = new("--new-key-file")
    {
        Description = "on first use: make this key file (mode 0600) for the key store and remember it",
        HelpName = "FILE",
    };

    /// <summary>The settings of the profile after the log-in.</summary>
    /// <param name="invocation">The options.</param>
    /// <param name="known">Those before; null for a new profile.</param>
    /// <param name="issuer">Whom to log in at where neither options nor profile say.</param>
    /// <param name="clientId">As whom, likewise.</param>
    /// <exception cref="CliException">The IdM server is not known.</exception>
    public ProfileSettings Settings(
        Invocation invocation, ProfileSettings? known, string? issuer = null, string? clientId = null) =>
        (known ?? new ProfileSettings { Idm = string.Empty, ClientId = string.Empty }) with
        {
            Idm = invocation.Get(Idm) ?? known?.Idm ?? issuer
                ?? throw new CliException(ExitCode.Usage, "the IdM server is not known")
                {
                    Hint = "give --idm URL; later log-ins of this profile need it no more",
                },
            ClientId = invocation.Get(ClientId) ?? known?.ClientId ?? clientId ?? DefaultClientId,
            Ca = invocation.Get(Ca) is { } file ? Path.GetFullPath(file) : known?.Ca,
            User = invocation.Get(User) ?? known?.User,
        };

    /// <summary>Logs in, and makes the profile on first use; if it fails, nothing is left behind.</summary>
    /// <param name="invocation">The options.</param>
    /// <param name="settings">What becomes of the profile.</param>
    /// <param name="scopes">What to ask for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The profile, which the caller disposes; it stays.</returns>
    public async Task<(ProfileBuilder Profile, ClientIdentity Identity)> RunAsync(
        Invocation invocation, ProfileSettings settings, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ProfileLocation location = ProfileLocation.Find(invocation);
        using TlsTrust trust = ConnectionOptions.Trust(settings.Ca);
        using LogInCredential? credential = Credential(invocation);
        using IdmClient idmClient = await FindIdmAsync(invocation, settings, scopes, trust, cancellationToken);
        settings = settings with { Idm = idmClient.Options.Issuer };
        ProfileBuilder builder = await ProfileBuilder.OpenAsync(
            invocation, location, settings, invocation.Get(NewKeyFile), cancellationToken);
        try
        {
            ClientIdentity identity = await LogInAsync(
                invocation, new TokenCache(idmClient, builder.Store), trust, credential, cancellationToken);
            builder.Keep();
            return (builder, identity);
        }
        catch
        {
            builder.Dispose();
            throw;
        }
    }

    private static async Task<ClientIdentity> LogInAsync(
        Invocation invocation,
        TokenCache tokens,
        TlsTrust trust,
        LogInCredential? credential,
        CancellationToken cancellationToken)
    {
        if (credential is not null)
        {
            using SocketsHttpHandler handler = trust.CreateHandler();
            return await tokens.LogInAsync(new FormWalkingBrowser(handler, credential), cancellationToken);
        }

        // Where nobody reads the address, a browser that does not start is an error at once and not after the time-out.
        using SystemBrowser browser = new(
            invocation.Io.Clock,
            announce: invocation.Io.CanPrompt ? address => invocation.Report.Note($"log in at {address.AbsoluteUri}") : null,
            open: invocation.Io.OpenBrowser);
        return await tokens.LogInAsync(browser, cancellationToken);
    }

    // Before the store is touched: a password that cannot be had is no reason to make a profile.
    private LogInCredential? Credential(Invocation invocation)
    {
        if (invocation.Get(User) is not { } name)
        {
            return invocation.Get(PasswordStdin)
                ? throw new CliException(ExitCode.Usage, "--password-stdin needs --user") { Hint = "give --user NAME" }
                : null;
        }

        using SecretText password = invocation.Get(PasswordStdin)
            ? SecretInput.FromStandardInput(invocation.Io, "password")[0]
            : SecretInput.Prompt(invocation.Io, $"password of {name}", "pipe the password in with --password-stdin");
        return password.Length <= LogInCredential.MaxPasswordOctets
            ? password.Use(text => new LogInCredential(name, text))
            : throw new CliException(ExitCode.Usage, $"the password is longer than {LogInCredential.MaxPasswordOctets} octets");
    }

    // An issuer is compared octet by octet, and many end in a slash that people leave out: of a URL without path both are tried.
    private static async Task<IdmClient> FindIdmAsync(
        Invocation invocation, ProfileSettings settings, IReadOnlyList<string> scopes, TlsTrust trust,
        CancellationToken cancellationToken)
    {
        IdmClient client = Create(settings.Idm);
        try
        {
            await client.GetMetadataAsync(cancellationToken);
            return client;
        }
        catch (WatchwordClientException fault) when (fault.Fault == ClientFault.IssuerMismatch && Other(settings.Idm) is not null)
        {
            client.Dispose();
            client = Create(Other(settings.Idm)!);
            await client.GetMetadataAsync(cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }

        IdmClient Create(string issuer) => new(
            new IdmClientOptions
            {
                Issuer = issuer,
                ClientId = settings.ClientId,
                Scopes = scopes,
            },
            trust,
            invocation.Io.Clock);

        static string? Other(string issuer) =>
            !Uri.TryCreate(issuer, UriKind.Absolute, out Uri? url) || url.AbsolutePath != "/" ? null
            : issuer.EndsWith('/') ? issuer[..^1]
            : issuer + "/";
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Watchword.Cli.Profiles;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Sip;

namespace Watchword.Cli.Commands.Ue;

/// <summary>
/// What a profile keeps of its UE, in <c>ue.json</c> beside the key store: who the client is, where its servers are, and what stands at
/// them. Nothing in it is secret: keys and tokens are in the key store.
/// </summary>
internal sealed record UeState
{
    private const int MaxOctets = 1 << 20;

    /// <summary>The MC client ID and instance ID, made once: <c>urn:uuid:...</c> (TS 24.379 4.7, RFC 5626 §4.1).</summary>
    public required string ClientId { get; init; }

    /// <summary>XCAP root of the configuration management server.</summary>
    public string? ConfigurationRoot { get; init; }

    /// <summary>The PSI at which configuration documents are subscribed to.</summary>
    public string? ConfigurationServer { get; init; }

    /// <summary>The UE ID.</summary>
    public string? UeId { get; init; }

    /// <summary>XCAP root of the group management server, where it was given.</summary>
    public string? GroupRoot { get; init; }

    /// <summary>URI of the group management server, where it was given.</summary>
    public string? GroupServer { get; init; }

    /// <summary>The MDSI, to which CSKs are encrypted, where it was given.</summary>
    public string? McxDomain { get; init; }

    /// <summary>The public user identity in the SIP core.</summary>
    public string? PublicUserIdentity { get; init; }

    /// <summary>Index of the user profile, where it was given.</summary>
    public int? ProfileIndex { get; init; }

    /// <summary>The SIP core; null where nothing goes over SIP.</summary>
    public UeSipCore? Core { get; init; }

    /// <summary>Whether the HTTP proxy of the initial configuration is passed by, as was asked for.</summary>
    public bool WithoutHttpProxy { get; init; }

    /// <summary>The SIP registration; null before the first.</summary>
    public SipRegistration? Registration { get; init; }

    /// <summary>The services that are authorised.</summary>
    public IReadOnlyList<UeAuthorization> Authorizations { get; init; } = [];

    /// <summary>The subscriptions that stand.</summary>
    public IReadOnlyList<UeSubscription> Subscriptions { get; init; } = [];

    /// <summary>The name of the type: where a UE is, is not for logs.</summary>
    public override string ToString() => nameof(UeState);

    /// <summary>A client that nobody has heard of yet.</summary>
    public static UeState New() => new() { ClientId = $"urn:uuid:{Guid.NewGuid():D}" };

    /// <summary>Reads it; null if there is none.</summary>
    public static UeState? Read(ProfileLocation location)
    {
        location.RefuseIfExposed();
        if (!File.Exists(location.UeFile))
        {
            return null;
        }

        try
        {
            return new FileInfo(location.UeFile).Length > MaxOctets
                ? throw new JsonException()
                : JsonSerializer.Deserialize(File.ReadAllBytes(location.UeFile), UeJson.Default.UeState) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new CliException(ExitCode.Malformed, $"{location.UeFile} is malformed", fault)
            {
                Hint = "remove the file: the next `watchword ue up` is then of another client",
            };
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(ProfileLocation location) => location.Write(
        location.UeFile, file => JsonSerializer.Serialize(file, this, UeJson.Default.UeState));
}

/// <summary>How the SIP core is reached.</summary>
/// <param name="Proxy">Host and port of the outbound proxy.</param>
/// <param name="Transport">By which transport.</param>
/// <param name="Listen">The own address and port; null for any port of the address that leads to the proxy.</param>
/// <param name="CertificateSha256">SHA-256 of the core's certificate, for TLS.</param>
internal sealed record UeSipCore(string Proxy, SipTransport Transport, string? Listen, string? CertificateSha256);

/// <summary>An authorisation that stands.</summary>
/// <param name="Service">The service.</param>
/// <param name="ServerUri">The PSI that was asked.</param>
/// <param name="McxDomain">The MDSI of its CSK.</param>
/// <param name="EntityTag">The entity tag of the publication; null where there is none.</param>
/// <param name="EncryptsValues">Whether values are encrypted.</param>
/// <param name="SignsBodies">Whether bodies are signed.</param>
internal sealed record UeAuthorization(
    McService Service, string ServerUri, string McxDomain, string? EntityTag, bool EncryptsValues, bool SignsBodies);

/// <summary>A subscription that stands.</summary>
/// <param name="Service">Whose token and identity it was made with.</param>
/// <param name="Resource">At which kind of server.</param>
/// <param name="ServerUri">Its PSI.</param>
/// <param name="Documents">To what.</param>
/// <param name="Dialog">The dialog.</param>
internal sealed record UeSubscription(
    McService Service, McResource Resource, string ServerUri, IReadOnlyList<string> Documents, SubscriberDialog Dialog)
{
    /// <summary>The name of the type.</summary>
    public override string ToString() => nameof(UeSubscription);
}

/// <summary>The JSON form.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(UeState))]
internal sealed partial class UeJson : JsonSerializerContext;

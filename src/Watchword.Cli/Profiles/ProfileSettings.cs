using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Cli.Profiles;

/// <summary>What <c>login</c> wrote down so that the other commands need no options. Nothing in it is secret.</summary>
internal sealed record ProfileSettings
{
    private const int MaxOctets = 65_536;

    /// <summary>Issuer URL of the IdM server.</summary>
    public required string Idm { get; init; }

    /// <summary>OAuth client id.</summary>
    public required string ClientId { get; init; }

    /// <summary>Absolute path of the PEM file of the CA; null for the system's trust store.</summary>
    public string? Ca { get; init; }

    /// <summary>URL of the KMS; null until it is known.</summary>
    public string? Kms { get; init; }

    /// <summary>URL of the home HTTP proxy; null to connect to servers directly.</summary>
    public string? HttpProxy { get; init; }

    /// <summary>Absolute path of the PEM file of the UE's own certificate, for mutual TLS at the HTTP proxy and the SIP core.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>Absolute path of the PEM file of its private key, mode 0600.</summary>
    public string? TlsKey { get; init; }

    /// <summary>URL of the admin API of the KMS; null until it is known.</summary>
    public string? KmsAdmin { get; init; }

    /// <summary>User name of the log-in, where it was given.</summary>
    public string? User { get; init; }

    /// <summary>Absolute path of the key file of the key store; null if a passphrase unlocks it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Reads the settings; null if there is no such profile.</summary>
    public static ProfileSettings? Read(ProfileLocation location)
    {
        location.RefuseIfExposed();
        try
        {
            using FileStream file = File.OpenRead(location.SettingsFile);
            if (file.Length > MaxOctets)
            {
                throw Malformed(location, null);
            }

            return JsonSerializer.Deserialize(file, ProfileJson.Default.ProfileSettings) ?? throw Malformed(location, null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new CliException(ExitCode.Locked, $"cannot read {location.SettingsFile}", exception)
            {
                Cause = "permission denied",
            };
        }
        catch (JsonException exception)
        {
            throw Malformed(location, exception);
        }
    }

    /// <summary>Writes the settings: a new file, mode 0600, put in place of the old one in one step.</summary>
    public void Write(ProfileLocation location) => location.Write(
        location.SettingsFile, file => JsonSerializer.Serialize(file, this, ProfileJson.Default.ProfileSettings));

    private static CliException Malformed(ProfileLocation location, Exception? inner) =>
        new(ExitCode.Malformed, $"{location.SettingsFile} is malformed", inner)
        {
            Hint = "log in again; it writes the file anew",
        };
}

/// <summary>The JSON form of the settings.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(ProfileSettings))]
internal sealed partial class ProfileJson : JsonSerializerContext;

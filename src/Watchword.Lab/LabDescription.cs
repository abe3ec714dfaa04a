using System.Text.Json;
using System.Text.Json.Serialization;

namespace Watchword.Lab;

/// <summary>
/// The lab as its file <c>lab.json</c> describes it to people and tools. The passwords in it are random and open nothing but this
/// lab; the file has mode 0600 all the same.
/// </summary>
internal sealed record LabDescription
{
    /// <summary>Always true: whatever reads this knows that it is a lab.</summary>
    public bool Lab { get; init; } = true;

    /// <summary>Base URL and issuer of the IdM server.</summary>
    public required string Idm { get; init; }

    /// <summary>Base URL of the KMS.</summary>
    public required string Kms { get; init; }

    /// <summary>Base URL of the admin API of the KMS; empty in a lab of an earlier version, which had none.</summary>
    public string KmsAdmin { get; init; } = string.Empty;

    /// <summary>PEM file of the lab CA.</summary>
    public required string Ca { get; init; }

    /// <summary>The KMS URI: name of the security domain, hashed into every UID.</summary>
    public required string KmsUri { get; init; }

    /// <summary>KMS URI of the other security domain of the same KMS; empty where it has one only, and in a lab of an earlier version, which had none.</summary>
    public string PartnerKmsUri { get; init; } = string.Empty;

    /// <summary>Base URL of the other security domain.</summary>
    public string PartnerKms { get; init; } = string.Empty;

    /// <summary>XCAP root of the configuration management server; empty in a lab of an earlier version.</summary>
    public string Configuration { get; init; } = string.Empty;

    /// <summary>Host and port of the SIP core, over TCP and UDP; empty in a lab of an earlier version.</summary>
    public string SipCore { get; init; } = string.Empty;

    /// <summary>The native client that is registered.</summary>
    public required string ClientId { get; init; }

    /// <summary>Its redirect URIs; the port of a loopback one is free (RFC 8252 §7.3).</summary>
    public required IReadOnlyList<string> RedirectUris { get; init; }

    /// <summary>Accounts by user name.</summary>
    public required IReadOnlyDictionary<string, LabUser> Users { get; init; }

    /// <summary>Network entities by name.</summary>
    public required IReadOnlyDictionary<string, LabEntity> Entities { get; init; }

    /// <summary>The other complete domain, described alike; null in the description of that domain, and in a lab of an earlier version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LabDescription? Allied { get; init; }

    /// <summary>Reads <c>lab.json</c>; null where the directory has none.</summary>
    public static LabDescription? Read(string file) => File.Exists(file)
        ? JsonSerializer.Deserialize(File.ReadAllText(file), LabJson.Default.LabDescription)
        : null;

    /// <summary>Writes <c>lab.json</c>, mode 0600.</summary>
    public void Write(string file) => LabFiles.WriteSecret(file, JsonSerializer.Serialize(this, LabJson.Default.LabDescription) + "\n");
}

/// <summary>An account of the lab: what it logs in with, who it is in each service, and its role at the admin API of the KMS.</summary>
internal sealed record LabUser(
    string Password,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? McpttId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? McvideoId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? McdataId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? KmsRole = null)
{
    /// <summary>The type name: a record would print the password.</summary>
    public override string ToString() => nameof(LabUser);
}

/// <summary>A network entity of the lab: its URI, its client identifier and the file of its private key.</summary>
internal sealed record LabEntity(string Uri, string ClientId, string Credential);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LabDescription))]
internal sealed partial class LabJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace Watchword.Idm.Server.Keys;

/// <summary>What stands in the file of signing keys; private keys only sealed.</summary>
internal sealed class SigningKeyFile
{
    /// <summary>Version of this format.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Salt of the passphrase's derivation.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>The generations that are still needed.</summary>
    public required IReadOnlyList<SealedGeneration> Generations { get; init; }
}

/// <summary>One sealed generation.</summary>
internal sealed class SealedGeneration
{
    public required int Number { get; init; }

    public required long ActivatesAtMilliseconds { get; init; }

    public required byte[] Sealed { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(SigningKeyFile))]
internal sealed partial class SigningKeyFileJson : JsonSerializerContext;

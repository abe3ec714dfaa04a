using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement.Wrapping;

/// <summary>
/// <c>NewTransportKey</c> and <c>NewIntegrityKey</c>, which the extension types of KmsInit and KmsKeyProv append (TS 33.180 D.3).
/// </summary>
internal sealed class NewKeyList
{
    private readonly List<WrappedKey> _transportKeys = [];
    private readonly List<WrappedKey> _integrityKeys = [];

    public IReadOnlyList<WrappedKey> TransportKeys => _transportKeys;

    public IReadOnlyList<WrappedKey> IntegrityKeys => _integrityKeys;

    /// <summary>Takes the element if it delivers a key; what is in it cannot be anything but wrapped.</summary>
    public bool TryRead(AnnexDReader reader, string name)
    {
        List<WrappedKey>? list = name switch
        {
            "NewTransportKey" => _transportKeys,
            "NewIntegrityKey" => _integrityKeys,
            _ => null,
        };
        list?.Add(WrappedKey.ReadNewKey(reader));
        return list is not null;
    }

    public static void Write(
        AnnexDWriter writer, IReadOnlyList<WrappedKey> transportKeys, IReadOnlyList<WrappedKey> integrityKeys)
    {
        foreach (WrappedKey key in transportKeys)
        {
            key.Write(writer, "NewTransportKey");
        }

        foreach (WrappedKey key in integrityKeys)
        {
            key.Write(writer, "NewIntegrityKey");
        }
    }
}

namespace Watchword.Client;

/// <content>What the third version added: the generation of the store, and service keys.</content>
internal sealed partial class StoreContent
{
    /// <summary>How often this store was written.</summary>
    public long Generation { get; set; }

    public List<StoredServiceKey> ServiceKeys { get; } = [];

    private void WriteThirdVersion(StoreWriter writer)
    {
        writer.Number(Generation);
        writer.List(ServiceKeys, k => k.WriteTo(writer));
    }

    private void ReadThirdVersion(StoreReader reader)
    {
        Generation = reader.Number();
        if (Generation < 0)
        {
            throw new FormatException("A generation is negative.");
        }

        reader.List(() => ServiceKeys.Add(StoredServiceKey.Read(reader)));
    }
}

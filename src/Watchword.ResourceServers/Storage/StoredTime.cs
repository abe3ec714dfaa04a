using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Watchword.ResourceServers.Storage;

/// <summary>Times in the database: milliseconds since 1970, which both providers compare and sort.</summary>
internal static class StoredTime
{
    public static ValueConverter<DateTimeOffset, long> Converter { get; } =
        new(time => time.ToUnixTimeMilliseconds(), stored => DateTimeOffset.FromUnixTimeMilliseconds(stored));
}

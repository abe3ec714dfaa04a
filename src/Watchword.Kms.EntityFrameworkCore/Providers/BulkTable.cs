namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>What a column holds, as both databases know it.</summary>
internal enum ColumnKind
{
    Text = 0,
    Octets = 1,
    Integer = 2,
    SmallInteger = 3,
}

/// <summary>One column and where its value comes from.</summary>
internal sealed record BulkColumn<TRow>(string Name, ColumnKind Kind, Func<TRow, object?> Value);

/// <summary>A table into which many rows are written at once, past the change tracker.</summary>
/// <param name="Name">The table.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="OnConflict">What becomes of a row that is there already (ON CONFLICT...); null if there is none.</param>
internal sealed record BulkTable<TRow>(string Name, IReadOnlyList<BulkColumn<TRow>> Columns, string? OnConflict = null)
{
    public string InsertInto { get; } =
        $"INSERT INTO \"{Name}\" ({string.Join(", ", Columns.Select(column => $"\"{column.Name}\""))})";
}

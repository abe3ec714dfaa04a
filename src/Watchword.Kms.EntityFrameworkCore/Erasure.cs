using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>Erases sealed key sets within the transaction that makes them useless. Gives how many they were.</summary>
internal static class Erasure
{
    /// <summary>Those of requesters who are barred.</summary>
    public static Task<int> EraseOfHoldersAsync(this KmsDbContext context, string issuer, IEnumerable<string> subjects)
    {
        byte[][] holders = [.. subjects.Select(subject => PreparedPlace.HashHolder(issuer, subject))];
        return holders.Length == 0
            ? Task.FromResult(0)
            : context.PreparedKeys.Where(row => holders.Contains(row.Holder)).ExecuteDeleteAsync();
    }

    /// <summary>Those of an identity, but for those under transport keys that its clients still hold.</summary>
    public static Task<int> EraseOfIdentityAsync(
        this KmsDbContext context, string kmsUri, string userUri, IEnumerable<string> transportKeys)
    {
        byte[] identity = PreparedPlace.HashIdentity(kmsUri, userUri);
        string[] kept = [.. transportKeys];
        return context.PreparedKeys.Where(row => row.Identity == identity && !kept.Contains(row.TransportKeyId))
            .ExecuteDeleteAsync();
    }

    /// <summary>Those of generations that issue no more; their preparations end with them.</summary>
    public static async Task<int> EraseOfGenerationAsync(this KmsDbContext context, string kmsUri, int generation)
    {
        List<PreparationRow> ended = await context.Preparations
            .Where(row => row.KmsUri == kmsUri && row.Generation == generation && row.State != PreparationState.Erased)
            .ToListAsync();
        int erased = 0;
        foreach (PreparationRow row in ended)
        {
            erased += await context.PreparedKeys.Where(key => key.PreparationId == row.Id).ExecuteDeleteAsync();
            await context.PreparationItems.Where(item => item.PreparationId == row.Id).ExecuteDeleteAsync();
            row.State = PreparationState.Erased;
            row.Owner = null;
        }

        return erased;
    }
}

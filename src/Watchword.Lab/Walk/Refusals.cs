using Watchword.Client;

namespace Watchword.Lab.Walk;

/// <summary>Acts that have to be refused.</summary>
internal static class Refusals
{
    /// <summary>The refusal that an act meets.</summary>
    /// <exception cref="WalkException">It was granted.</exception>
    public static async Task<WatchwordClientException> OfAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (WatchwordClientException refusal)
        {
            return refusal;
        }

        throw new WalkException("what had to be refused was granted");
    }
}

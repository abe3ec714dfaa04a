namespace Watchword.Cryptography.Tests;

/// <summary>
/// Tests that change what <see cref="Precomputation"/> says, or count the memory of all tables: alone in the process.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PrecomputationSettings
{
    public const string Name = "Precomputation";
}

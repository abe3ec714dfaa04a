namespace Watchword.Cryptography.Tests;

/// <summary>
/// Tests that change what <see cref="Precomputation"/> says, count the memory of all tables, or want nothing to be allocated: alone in
/// the process. Others would take the work space that is kept for the next one, or drive tables out.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PrecomputationSettings
{
    public const string Name = "Precomputation";
}

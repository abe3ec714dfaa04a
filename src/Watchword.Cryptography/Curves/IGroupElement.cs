namespace Watchword.Cryptography.Curves;

/// <summary>An element of a commutative group written additively: what multiplication by scalars needs.</summary>
internal interface IGroupElement<TSelf>
    where TSelf : struct, IGroupElement<TSelf>
{
    static abstract TSelf Identity { get; }

    static abstract TSelf operator +(in TSelf left, in TSelf right);

    TSelf Double();
}

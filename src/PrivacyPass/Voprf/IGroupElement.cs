namespace PrivacyPass.Voprf;

/// <summary>An element of a <see cref="PrimeOrderGroup"/>; only the group it belongs to looks inside.</summary>
internal interface IGroupElement;

/// <summary>An element as its group computes with it.</summary>
internal sealed class GroupElement<T>(T value) : IGroupElement
{
    internal T Value => value;
}

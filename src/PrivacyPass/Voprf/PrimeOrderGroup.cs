using PrivacyPass.Native;

namespace PrivacyPass.Voprf;

/// <summary>
/// A group as RFC 9497 uses it (section 2.1), with the hashes of its suite. Scalars are numbers of a computation modulo
/// <see cref="Order"/>; what a method makes belongs to the computation it is given.
/// </summary>
internal abstract class PrimeOrderGroup
{
    /// <summary>What the suite is called in context strings, with its hash.</summary>
    internal abstract string SuiteName { get; }

    /// <summary>What it is called in messages for people.</summary>
    internal abstract string Name { get; }

    /// <summary>Size of a serialized element (Ne).</summary>
    internal abstract int ElementSize { get; }

    /// <summary>Size of a serialized scalar (Ns).</summary>
    internal abstract int ScalarSize { get; }

    /// <summary>The suite's hash.</summary>
    internal abstract SuiteHash Hash { get; }

    /// <summary>The prime order.</summary>
    internal abstract Modulus Order { get; }

    /// <summary>DeserializeElement; null for bytes that are no element, or the identity.</summary>
    internal abstract IGroupElement? DecodeElement(ModularScope scope, ReadOnlySpan<byte> encoded);

    /// <summary>SerializeElement; false for the identity.</summary>
    internal abstract bool TryEncodeElement(ModularScope scope, IGroupElement element, Span<byte> encoded);

    /// <summary>DeserializeScalar; null unless it is a number below the order, of the right size.</summary>
    internal BigNumber? DecodeScalar(ModularScope scope, ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != ScalarSize) return null;
        var scalar = scope.Own(ReadScalar(encoded));
        return scalar.CompareTo(Order.Value) < 0 ? scalar : null;
    }

    /// <summary>A serialized scalar as a secret number of its own, unchecked; the caller disposes it.</summary>
    internal abstract BigNumber ReadScalar(ReadOnlySpan<byte> encoded);

    /// <summary>SerializeScalar.</summary>
    internal abstract void EncodeScalar(BigNumber scalar, Span<byte> encoded);

    internal abstract IGroupElement Add(ModularScope scope, IGroupElement left, IGroupElement right);

    /// <summary>scalar * element, in a time independent of the scalar.</summary>
    internal abstract IGroupElement Multiply(ModularScope scope, IGroupElement element, BigNumber scalar);

    /// <summary>scalar * generator, in a time independent of the scalar.</summary>
    internal abstract IGroupElement MultiplyGenerator(ModularScope scope, BigNumber scalar);

    /// <summary>generatorScalar * generator + scalar * element, in variable time: for public values only.</summary>
    internal abstract IGroupElement MultiplyPublic(ModularScope scope, BigNumber generatorScalar, IGroupElement element, BigNumber scalar);

    /// <summary>The sum of scalars[i] * elements[i], in variable time: for public values only, and at least one.</summary>
    internal abstract IGroupElement MultiplySumPublic(ModularScope scope, IReadOnlyList<IGroupElement> elements, IReadOnlyList<BigNumber> scalars);

    /// <summary>HashToGroup with a domain separation tag.</summary>
    internal abstract IGroupElement HashToElement(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag);

    /// <summary>HashToScalar with a domain separation tag.</summary>
    internal abstract BigNumber HashToScalar(ModularScope scope, ReadOnlySpan<byte> input, ReadOnlySpan<byte> tag);
}

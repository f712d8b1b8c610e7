namespace PrivacyPass.Ristretto255;

/// <summary>Scalars times points, four bits at a time. Scalars are 32 big-endian bytes below 2^253.</summary>
internal static class ScalarMultiplication
{
    private const int Digits = 64;
    private const int TableSize = 16;

    private static readonly EdwardsPoint.Addend[] _generatorTable = TableOf(EdwardsPoint.Generator);

    /// <summary>scalar * point. Every digit reads the whole table, so that neither time nor cache tells the scalar.</summary>
    internal static EdwardsPoint Multiply(in EdwardsPoint point, ReadOnlySpan<byte> scalar) => Multiply(TableOf(point), scalar);

    /// <summary>scalar * generator, in the same way.</summary>
    internal static EdwardsPoint MultiplyGenerator(ReadOnlySpan<byte> scalar) => Multiply(_generatorTable, scalar);

    /// <summary>The sum of scalars[i] * points[i], in variable time: for public values only. The doublings are shared.</summary>
    internal static EdwardsPoint MultiplySumPublic(ReadOnlySpan<EdwardsPoint> points, IReadOnlyList<byte[]> scalars)
    {
        var tables = new EdwardsPoint.Addend[points.Length][];
        for (var i = 0; i < tables.Length; i++) tables[i] = TableOf(points[i]);
        var sum = EdwardsPoint.Identity;
        for (var position = 0; position < Digits; position++)
        {
            sum = sum.Double().Double().Double().Double();
            for (var i = 0; i < tables.Length; i++)
                if (Digit(scalars[i], position) is > 0 and var digit) sum += tables[i][digit];
        }

        return sum;
    }

    private static EdwardsPoint Multiply(EdwardsPoint.Addend[] table, ReadOnlySpan<byte> scalar)
    {
        var product = EdwardsPoint.Identity;
        for (var position = 0; position < Digits; position++)
        {
            product = product.Double().Double().Double().Double();
            product += Look(table, Digit(scalar, position));
        }

        return product;
    }

    private static EdwardsPoint.Addend Look(EdwardsPoint.Addend[] table, int wanted)
    {
        var found = table[0];
        for (var i = 1; i < TableSize; i++)
        {
            var difference = (uint)(i ^ wanted);
            var isWanted = 1UL ^ ((difference | (0 - difference)) >> 31);
            found = EdwardsPoint.Addend.Select(found, table[i], isWanted);
        }

        return found;
    }

    /// <summary>0 to 15 times the point.</summary>
    private static EdwardsPoint.Addend[] TableOf(in EdwardsPoint point)
    {
        var table = new EdwardsPoint.Addend[TableSize];
        var multiple = EdwardsPoint.Identity;
        var addend = new EdwardsPoint.Addend(point);
        for (var i = 0; i < TableSize; i++)
        {
            table[i] = new EdwardsPoint.Addend(multiple);
            multiple += addend;
        }

        return table;
    }

    private static int Digit(ReadOnlySpan<byte> scalar, int position) => (scalar[position / 2] >> (4 - (position % 2 * 4))) & 0xF;
}

"""Captions an archive with Apache Spark: one Attend process an executor core, results as Parquet.

    spark-submit caption_photos.py --photos /archive --output /captions
    spark-submit caption_photos.py --table photos.parquet --column path --output /captions

Every photo has one row: its caption, keywords, confidence and model, or the error that it has instead of them. What is in
the output already is left out, so the same command goes on after an interruption. See README.md beside this file.
"""

import argparse
import atexit
import json
import subprocess
import sys
import threading

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType, StructField, StructType

SCHEMA = StructType(
    [
        StructField('file', StringType(), False),
        StructField('caption', StringType()),
        StructField('keywords', ArrayType(StringType())),
        StructField('score', DoubleType()),
        StructField('confidence', DoubleType()),
        StructField('width', IntegerType()),
        StructField('height', IntegerType()),
        StructField('model', StringType()),
        StructField('error', StringType()),
    ]
)
ENDINGS = ('jpg', 'jpeg', 'jpe', 'jfif', 'png', 'webp', 'gif', 'tif', 'tiff', 'avif', 'svg')
# Rows that go back to the JVM together.
ROWS = 64
# Photos that are asked about before their answers are read: Attend captions eight at a time and reads ahead.
AHEAD = 32


class Attend:
    """A running `attend caption - --lines`: one answer a line, in order, so that it can stay between two partitions."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf-8', errors='surrogateescape'
        )

    def answers(self, files):
        """Yields an answer for each file, in order."""
        free = threading.Semaphore(AHEAD)
        asked = threading.Semaphore(0)
        trouble = []
        over = object()
        left = [over]

        def ask():
            count = 0
            try:
                for file in files:
                    free.acquire()
                    self.process.stdin.write(json.dumps({'file': file, 'id': count}) + '\n')
                    self.process.stdin.flush()
                    count += 1
                    asked.release()
            except Exception as error:  # noqa: BLE001 - raised again where the answers are read
                trouble.append(error)
            left[0] = count
            asked.release()

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        number = 0
        while True:
            asked.acquire()
            if left[0] is not over and number >= left[0]:
                break
            line = self.process.stdout.readline()
            if line == '':
                raise RuntimeError(f'attend ended with exit code {self.process.wait()}; its messages are in the log.')
            answer = json.loads(line)
            if answer.pop('id') != number:
                raise RuntimeError('attend answered out of order.')
            number += 1
            free.release()
            yield answer
        thread.join()
        if trouble:
            raise trouble[0]

    def close(self):
        self.process.kill()
        self.process.wait()


# Spark keeps its Python workers, one a core, so the model is loaded once a core and not once a partition.
_running = {}


def running(command):
    key = tuple(command)
    if key not in _running or _running[key].process.poll() is not None:
        _running[key] = Attend(command)
        atexit.register(_running[key].close)
    return _running[key]


def captioner(command):
    """What `mapInPandas` runs on a partition: frames with `file` in, frames of SCHEMA out."""

    def caption(frames):
        import pandas as pd

        def frame(rows):
            return pd.DataFrame(
                [{field.name: row.get(field.name) for field in SCHEMA.fields} for row in rows],
                columns=SCHEMA.names,
            ).astype({'width': 'Int32', 'height': 'Int32'})

        files = (file for one in frames for file in one['file'])
        rows = []
        try:
            for answer in running(command).answers(files):
                confidence = answer.get('confidence')
                if isinstance(confidence, dict):
                    answer['confidence'] = confidence.get('caption')
                rows.append(answer)
                if len(rows) == ROWS:
                    yield frame(rows)
                    rows = []
        except BaseException:
            # Its next answers would belong to photos that nobody asks about any more.
            _running.pop(tuple(command)).close()
            raise
        if rows:
            yield frame(rows)

    return caption


def photos_of(spark, arguments):
    """A frame with the column `file`, each photo once."""
    if arguments.table:
        reader = spark.read.option('header', True).csv if arguments.table.endswith('.csv') else spark.read.parquet
        return reader(arguments.table).select(F.col(arguments.column).cast('string').alias('file')).distinct()
    # Attend opens the files by itself, so they must lie at the same path on every machine; their bytes stay where they are.
    listed = (
        spark.read.format('binaryFile')
        .option('recursiveFileLookup', True)
        .option('pathGlobFilter', '*')
        .load(arguments.photos)
        .select('path')
    )
    path = F.regexp_replace('path', '^file:/+', '/')
    ending = F.lower(F.substring_index('path', '.', -1))
    return listed.where(ending.isin(*ENDINGS)).select(path.alias('file')).distinct()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument('--photos', help='a folder, with those inside it')
    source.add_argument('--table', help='a Parquet table, or a CSV file with a header, of paths')
    parser.add_argument('--column', default='file', help='the column of the paths (default: file)')
    parser.add_argument('--output', required=True, help='where the Parquet files go')
    parser.add_argument('--attend', nargs='+', default=['attend'], help='the command (default: attend)')
    parser.add_argument('--model', help='the captioner: its folder or its name')
    parser.add_argument('--photos-per-partition', type=int, default=500)
    parser.add_argument('--no-keywords', action='store_true')
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName('attend').getOrCreate()
    command = [*arguments.attend, 'caption', '-', '--lines', '--threads', '1']
    if not arguments.no_keywords:
        command.append('--keywords')
    if arguments.model:
        command += ['--model', arguments.model]

    photos = photos_of(spark, arguments)
    # pylint: disable=protected-access
    output = spark._jvm.org.apache.hadoop.fs.Path(arguments.output)
    if output.getFileSystem(spark._jsc.hadoopConfiguration()).exists(output):
        done = spark.read.schema(SCHEMA).parquet(arguments.output)
        photos = photos.join(done.select('file'), 'file', 'left_anti')
    photos = photos.cache()
    count = photos.count()
    if count > 0:
        partitions = -(-count // arguments.photos_per_partition)
        captions = photos.repartition(partitions).mapInPandas(captioner(command), SCHEMA)
        captions.write.mode('append').parquet(arguments.output)
    rows = spark.read.schema(SCHEMA).parquet(arguments.output) if count > 0 else done
    failed = rows.where(F.col('error').isNotNull()).count()
    print(f'{count} photos captioned now, {rows.count()} in all, {failed} of them failed.', file=sys.stderr)
    spark.stop()


if __name__ == '__main__':
    main()
